// The commands as few files: of the some 600 modules behind a command, most of its start-up time went into finding them.
// What is compiled beside it (dist/**) stays the library; only the bin files start what is made here.

import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  input: {
    "bundled/main": file("dist/main.js"),
    "bundled/bulk-worker": file("dist/up/bulk-worker.js"),
    // Beside the package's own compiled worker in depth, where its link looks for it.
    worker: file("../../packages/store-sqlite/dist/worker.js"),
  },
  platform: "node",
  // Its CommonJS form loads its parts by names that no bundler sees.
  resolve: { alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" } },
  // Native code, files of its own, or parts that are there only for some: left where they are installed.
  external: [
    /^node:/,
    "@photostructure/sqlite",
    "@context-mesh/inspector",
    "pino",
    "prom-client",
    "bufferutil",
    "utf-8-validate",
  ],
  output: {
    dir: file("dist"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "bundled/[name].js",
    keepNames: true,
  },
});
