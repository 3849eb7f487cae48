/**
 * `context-mesh/advanced`: the raw Y.Doc under a mesh. Reading it is safe. Writing to it is not: what is written around the
 * node has no author, no basis and no receipt, and other nodes ignore it.
 */

import { MeshError } from "@context-mesh/common";
import type { Mesh, MeshNode } from "@context-mesh/mesh";
import { nodeBehind } from "./registry.ts";

/** The document as it is now; a replica that had to be loaded again is another one. */
export const rawDocument = (mesh: Mesh): MeshNode["core"]["replicas"]["replica"]["ydoc"] => {
  const node = nodeBehind(mesh);
  if (node !== undefined) return node.core.replicas.replica.ydoc;
  throw new MeshError("not_joined", "this mesh was not made by join()", { hint: "Pass what join() returned." });
};
