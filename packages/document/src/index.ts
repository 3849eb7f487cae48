/** The shared context as a Yjs document. Rules: SPEC.md. */

export type * from "./entry/types.ts";
export type * from "./replica/surface.ts";
