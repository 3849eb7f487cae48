/** `context-mesh/status`: what a node keeps in its store about itself, read without loading the document. Light on purpose. */

export { readStatusRow } from "@context-mesh/store-sqlite";
export { archiveFileFor, storeFileFor } from "./store-file.ts";
