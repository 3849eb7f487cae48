/** The inspector as files. The page itself is tested in a browser (e2e). */

import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, inspectorFiles } from "../src/index.ts";

const textOf = (path: string): string => new TextDecoder().decode(inspectorFiles().get(path)?.body);

describe("files", () => {
  it("are a page, scripts and styles that may be kept for ever, and an icon", () => {
    const files = inspectorFiles();
    expect(files.get("/")).toMatchObject({ contentType: "text/html; charset=utf-8", isImmutable: false });
    const assets = [...files.keys()].filter((path) => path.startsWith("/assets/"));
    expect(assets.some((path) => path.endsWith(".js")) && assets.some((path) => path.endsWith(".css"))).toBe(true);
    expect(assets.every((path) => files.get(path)?.isImmutable)).toBe(true);
    expect(files.get("/icon.svg")?.contentType).toBe("image/svg+xml");
  });

  it("[UI-7a] load at most 80 KB compressed at first", () => {
    const files = inspectorFiles();
    const named = [...textOf("/").matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map((match) => match[1] as string);
    const sizeOf = (path: string): number => gzipSync(files.get(path)?.body ?? "", { level: 9 }).length;
    expect(named.length).toBeGreaterThan(1);
    expect(["/", ...named].reduce((sum, path) => sum + sizeOf(path), 0)).toBeLessThan(80_000);
  });

  it("live under a policy that allows nothing inline and nothing from elsewhere", () => {
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|data:|https?:/);
    const page = textOf("/");
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/\son\w+=|\sstyle=|<style/);
  });
});
