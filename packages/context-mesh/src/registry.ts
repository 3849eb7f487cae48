/** Which node is behind a mesh that `join` returned: for the advanced entry, which gives what the public face hides. */

import type { Mesh, MeshNode } from "@context-mesh/mesh";

const nodes = new WeakMap<Mesh, MeshNode>();

export const registerNode = (node: MeshNode): void => {
  nodes.set(node, node);
};

export const nodeBehind = (mesh: Mesh): MeshNode | undefined => nodes.get(mesh);
