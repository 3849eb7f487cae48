/** Applies one mutation while vitest loads the source: the one that `CONTEXT_MESH_MUTATION` names when a file is loaded. */

import { mutations } from "./catalogue/index.ts";
import { patched } from "./mutation.ts";

interface SourcePlugin {
  readonly name: string;
  readonly enforce: "pre";
  transform(code: string, id: string): { readonly code: string; readonly map: null } | undefined;
}

const transform = (code: string, path: string): { readonly code: string; readonly map: null } | undefined => {
  const id = process.env.CONTEXT_MESH_MUTATION;
  const mutation = mutations.find((candidate) => candidate.id === id);
  if (mutation === undefined || !path.split("?")[0]?.endsWith(`/${mutation.file}`)) return undefined;
  return { code: patched(mutation, code), map: null };
};

export const mutationPlugin: SourcePlugin = { name: "mutation", enforce: "pre", transform };
