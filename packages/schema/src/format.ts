/** Writing: a context as YAML or JSON that reads back equal, in the order of its keys. */

import { Scalar, stringify } from "yaml";
import type { SharedContext } from "./context.ts";
import type { ContextFormat } from "./parse.ts";

/** Texts that readers of YAML 1.1 would take for dates, numbers or truth values are quoted; lines are never folded. */
const yamlOptions = { lineWidth: 0, compat: "yaml-1.1", aliasDuplicateObjects: false } as const;

/** White space at the edges of lines, which the package loses when it writes a text as a block. */
const edgeSpace = /^\s|[^\S\n]\n|[^\S\n]$/;

const quoteFragile = (_key: unknown, value: unknown): unknown => {
  if (typeof value !== "string" || !value.includes("\n") || !edgeSpace.test(value)) return value;
  const scalar = new Scalar(value);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
};

/** Any JSON value as YAML. */
export const formatYaml = (value: unknown): string => stringify(value, quoteFragile, yamlOptions);

export const formatContext = (context: SharedContext, format: ContextFormat): string => {
  const file = { shared_context: context };
  return format === "json" ? `${JSON.stringify(file, null, 2)}\n` : formatYaml(file);
};
