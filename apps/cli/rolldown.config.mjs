// The commands as few files: of the some 600 modules behind a command, most of its start-up time went into finding them.
// What is compiled beside it (dist/**) stays the library; only the bin files start what is made here.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Of a module under node_modules, the folder of its package; undefined for our own. */
const packageFolder = (id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];

const licenceOf = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const text = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const words = text === undefined ? `Licence: ${license}` : readFileSync(join(folder, text), "utf8").trim();
  return `${name} ${version}\n\n${words}\n`;
};

/** What is bundled is passed on, and its licences ask that their text goes with it. */
const thirdPartyLicences = {
  name: "third-party-licences",
  generateBundle(_options, bundle) {
    const ids = Object.values(bundle).flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
    const folders = [...new Set(ids.map(packageFolder))].filter((folder) => folder !== undefined && existsSync(folder));
    const source = folders
      .map(licenceOf)
      .sort()
      .join(`\n${"-".repeat(80)}\n\n`);
    this.emitFile({ type: "asset", fileName: "bundled/THIRD-PARTY-LICENCES.txt", source });
  },
};

export default defineConfig({
  plugins: [thirdPartyLicences],
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
