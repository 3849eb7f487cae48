/** Imports go down only: the floors of ARCHITECTURE.md, read off the import graph, types included. */

import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, projectFiles, readText } from "./source-files.ts";

/** What each package may import of ours. The numbers are floors: an arrow never goes up or sideways. */
const floors: Readonly<Record<string, { readonly floor: number; readonly mayImport: readonly string[] }>> = {
  "packages/common": { floor: 0, mayImport: [] },
  "packages/ports": { floor: 1, mayImport: ["common"] },
  "packages/protocol": { floor: 1, mayImport: ["common"] },
  "packages/schema": { floor: 1, mayImport: ["common"] },
  "packages/document": { floor: 2, mayImport: ["schema", "common"] },
  "packages/relay": { floor: 2, mayImport: ["protocol", "ports", "common"] },
  "packages/provider-websocket": { floor: 2, mayImport: ["protocol", "ports", "common"] },
  "packages/store-sqlite": { floor: 2, mayImport: ["protocol", "ports", "common"] },
  "packages/store-indexeddb": { floor: 2, mayImport: ["protocol", "ports", "common"] },
  "packages/status-files": { floor: 2, mayImport: ["ports", "common"] },
  "packages/memory": { floor: 2, mayImport: ["protocol", "ports", "common"] },
  "packages/coordination": { floor: 3, mayImport: ["document", "ports", "schema", "common"] },
  "packages/mesh": { floor: 4, mayImport: ["coordination", "document", "protocol", "ports", "schema", "common"] },
  "packages/context-mesh": {
    floor: 5,
    mayImport: [
      "mesh",
      "coordination",
      "status-files",
      "provider-websocket",
      "store-sqlite",
      "schema",
      "ports",
      "common",
    ],
  },
  "apps/inspector": {
    floor: 5,
    mayImport: ["mesh", "coordination", "provider-websocket", "store-indexeddb", "schema", "ports", "common"],
  },
  "apps/cli": {
    floor: 6,
    mayImport: [
      "context-mesh",
      "inspector",
      "relay",
      "provider-websocket",
      "store-sqlite",
      "schema",
      "protocol",
      "ports",
      "common",
    ],
  },
  "packages/testkit": { floor: 2, mayImport: ["protocol", "ports", "common"] },
};

const sources = projectFiles().filter((file) => /^(packages|apps)\/[^/]+\/src\/.*\.tsx?$/.test(file));
const imports = sources.flatMap(importsOf);
const packageOf = (file: string): string => file.split("/").slice(0, 2).join("/");
const ourName = (specifier: string): string | undefined => {
  const scoped = /^@context-mesh\/([^/]+)/.exec(specifier);
  if (scoped !== null) return scoped[1];
  return specifier === "context-mesh" || specifier.startsWith("context-mesh/") ? "context-mesh" : undefined;
};

const manifest = (folder: string): { dependencies?: Record<string, string>; exports?: Record<string, unknown> } =>
  JSON.parse(readText(`${folder}/package.json`));

describe("layers", () => {
  it("reads a real graph", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(200);
    expect(Object.keys(floors).sort()).toEqual([...new Set(sources.map(packageOf))].sort());
  });

  it("lets imports go down only", () => {
    const upward = imports.filter(({ file, specifier }) => {
      const name = ourName(specifier);
      return name !== undefined && !floors[packageOf(file)]?.mayImport.includes(name);
    });
    expect(upward).toEqual([]);
  });

  it("keeps the table itself free of upward arrows", () => {
    const floorOf = (name: string): number =>
      (floors[`packages/${name}`] ?? floors[`apps/${name}`])?.floor ?? Number.NaN;
    for (const [folder, { floor, mayImport }] of Object.entries(floors)) {
      for (const name of mayImport) expect(floorOf(name), `${folder} → ${name}`).toBeLessThan(floor);
    }
  });

  it("reaches other packages only through what they export, and declares every one", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      const name = ourName(specifier);
      if (specifier.startsWith(".") || specifier.startsWith("node:")) return false;
      const packageName = specifier.startsWith("@")
        ? specifier.split("/").slice(0, 2).join("/")
        : specifier.split("/")[0];
      const folder = packageOf(file);
      if (manifest(folder).dependencies?.[packageName as string] === undefined) return true;
      if (name === undefined) return false;
      const target = floors[`apps/${name}`] === undefined ? `packages/${name}` : `apps/${name}`;
      const subpath = `.${specifier.slice((packageName as string).length)}`;
      return manifest(target).exports?.[subpath] === undefined;
    });
    expect(wrong).toEqual([]);
  });

  it("has no relative import that leaves its package, and none of an own index", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      if (!specifier.startsWith(".")) return false;
      const target = normalize(join(dirname(file), specifier));
      return packageOf(target) !== packageOf(file) || target === `${packageOf(file)}/src/index.ts`;
    });
    expect(wrong).toEqual([]);
  });

  it("has no circles", () => {
    const targets = new Map<string, string[]>();
    for (const { file, specifier } of imports) {
      if (!specifier.startsWith(".")) continue;
      targets.set(file, [...(targets.get(file) ?? []), normalize(join(dirname(file), specifier))]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (done.has(file) || path.includes(file)) return;
      for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(circles).toEqual([]);
  });

  it("keeps the core free of Node: no node: import below the adapters", () => {
    const pure = ["common", "ports", "protocol", "schema", "document", "coordination", "mesh", "relay", "memory"];
    const wrong = imports.filter(
      ({ file, specifier }) =>
        specifier.startsWith("node:") && pure.some((name) => file.startsWith(`packages/${name}/`)),
    );
    expect(wrong).toEqual([]);
  });
});
