/** The page as files under dist/page: a small shell that paints first, and chunks that load when they are needed. */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const pageFile = (name: string): string => fileURLToPath(new URL(`src/page/${name}`, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL("src/page", import.meta.url)),
  base: "./",
  logLevel: "warn",
  resolve: { conditions: ["browser", "import", "module", "default"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("dist/page", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    // Nothing inline: the policy of the page allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      input: { index: pageFile("index.html"), worker: pageFile("worker.ts") },
      // A service worker must keep its name, and sits at the root because it answers for the root.
      output: { entryFileNames: ({ name }) => (name === "worker" ? "worker.js" : "assets/[name]-[hash].js") },
    },
  },
});
