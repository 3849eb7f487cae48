/** The inspector as files: what a relay's HTTP side serves, and the policy it must be served under. */

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export { type Digest, digestOf } from "./model/digest.ts";
export { listedViews } from "./model/route.ts";

export interface InspectorFile {
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Its name changes with its content, so that a browser may keep it for ever. */
  readonly isImmutable: boolean;
}

/** Nothing inline, nothing from elsewhere, nobody may frame it. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const pageFolder = fileURLToPath(new URL("../dist/page/", import.meta.url));

/** By URL path; `/` is the page. Read from the package's own build. */
export const inspectorFiles = (): ReadonlyMap<string, InspectorFile> => {
  const files = new Map<string, InspectorFile>();
  for (const entry of readdirSync(pageFolder, { recursive: true, withFileTypes: true })) {
    const contentType = contentTypes[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${file.slice(pageFolder.length).replaceAll("\\", "/")}`;
    const isImmutable = path.startsWith("/assets/");
    files.set(path === "/index.html" ? "/" : path, { contentType, body: readFileSync(file), isImmutable });
  }
  return files;
};
