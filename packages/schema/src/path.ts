/**
 * Paths into a context: `project_state.active_tasks[task-123].status`.
 *
 *     path    = [ step *( "." name / bracket ) ]
 *     name    = bare name without . [ ] " and white space, or a JSON string
 *     bracket = "[" digits "]" (an index) / "[" bare id "]" / "[" JSON string "]" (an id)
 *
 * The empty path is the whole context. A leading `shared_context` is accepted and dropped.
 */

import { err, limits, ok, type Result } from "@context-mesh/common";

export type PathSegment = { readonly name: string } | { readonly id: string } | { readonly index: number };

export type PathRefusal = "path_syntax" | "path_too_long" | "reserved_key";

const step = /\.?(?:"(?:[^"\\]|\\.)*"|[^.[\]"\s]+)|\[(?:\d{1,15}|"(?:[^"\\]|\\.)*"|[^[\]"\s][^[\]"]*)\]/y;
const bareName = /^[^.[\]"\s]+$/;
const bareId = /^[^[\]"\s](?:[^[\]"]*[^[\]"\s])?$/;

const unquote = (text: string): string | undefined => {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
};

const toSegment = (token: string): PathSegment | undefined => {
  if (token.startsWith("[")) {
    const inner = token.slice(1, -1);
    if (/^\d+$/.test(inner)) return { index: Number(inner) };
    const id = unquote(inner.trimEnd());
    return id === undefined ? undefined : { id };
  }
  const name = unquote(token.startsWith(".") ? token.slice(1) : token);
  return name === undefined ? undefined : { name };
};

const refusal = (segment: PathSegment): ReturnType<typeof err<PathRefusal>> | undefined => {
  const key = "name" in segment ? segment.name : "id" in segment ? segment.id : "";
  if (key === "__proto__") return err("reserved_key", "`__proto__` cannot be a field name or an id");
  if ("id" in segment && key.length > limits.idLengthMax) {
    return err("path_too_long", `an id has at most ${limits.idLengthMax} characters`);
  }
  return undefined;
};

const dotsAreRight = (token: string, isFirst: boolean): boolean =>
  token.startsWith("[") ? !isFirst : token.startsWith(".") !== isFirst;

export const parsePath = (text: string): Result<PathSegment[], PathRefusal> => {
  if (text.length > limits.pathLengthMax) {
    return err("path_too_long", `a path has at most ${limits.pathLengthMax} characters`);
  }
  const segments: PathSegment[] = [];
  for (let at = 0; at < text.length; ) {
    step.lastIndex = at;
    const token = step.exec(text)?.[0];
    const segment = token !== undefined && dotsAreRight(token, at === 0) ? toSegment(token) : undefined;
    if (token === undefined || segment === undefined) {
      return err("path_syntax", `not a path at character ${at + 1}: ${JSON.stringify(text.slice(at, at + 20))}`);
    }
    const refused = refusal(segment);
    if (refused !== undefined) return refused;
    segments.push(segment);
    at += token.length;
  }
  const [first] = segments;
  return ok(first !== undefined && "name" in first && first.name === "shared_context" ? segments.slice(1) : segments);
};

const formatSegment = (segment: PathSegment, position: number): string => {
  if ("index" in segment) return `[${segment.index}]`;
  if ("id" in segment) {
    const isBare = bareId.test(segment.id) && !/^\d+$/.test(segment.id);
    return `[${isBare ? segment.id : JSON.stringify(segment.id)}]`;
  }
  const name = bareName.test(segment.name) ? segment.name : JSON.stringify(segment.name);
  return position === 0 ? name : `.${name}`;
};

/** The text that `parsePath` reads back to the same segments. */
export const formatPath = (segments: readonly PathSegment[]): string => segments.map(formatSegment).join("");
