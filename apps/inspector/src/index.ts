/** The inspector as files: what a relay's HTTP side serves, and the policy it must be served under. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface InspectorFile {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Nothing inline, nothing from elsewhere, nobody may frame it. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const contentTypes: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "view.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** By URL path; `/` is the page. Read from the package's own folder. */
export const inspectorFiles = (): ReadonlyMap<string, InspectorFile> => {
  const folder = new URL("../public/", import.meta.url);
  const files = new Map<string, InspectorFile>();
  for (const [name, contentType] of Object.entries(contentTypes)) {
    const file = { contentType, body: readFileSync(fileURLToPath(new URL(name, folder))) };
    files.set(name === "index.html" ? "/" : `/${name}`, file);
  }
  return files;
};
