/** The inspector's files and what it shows of odd contexts. The page itself is tested in a browser (e2e). */

import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, inspectorFiles } from "../src/index.ts";

const { itemView, sectionsOf } = await import(new URL("../public/view.js", import.meta.url).href);

const textOf = (path: string): string => new TextDecoder().decode(inspectorFiles().get(path)?.body);

describe("files", () => {
  it("are a page, its scripts and its style", () => {
    expect([...inspectorFiles().keys()]).toEqual(["/", "/app.js", "/view.js", "/style.css", "/icon.svg"]);
    expect(inspectorFiles().get("/")?.contentType).toBe("text/html; charset=utf-8");
  });

  it("live under a policy that allows nothing inline", () => {
    expect(contentSecurityPolicy).not.toContain("unsafe");
    const page = textOf("/");
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/\son\w+=|\sstyle=|<style/);
  });

  it("put texts of agents on the page only as text", () => {
    const code = textOf("/app.js") + textOf("/view.js");
    expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });

  it("send the token as a header, never in an address", () => {
    expect(textOf("/app.js")).toContain("authorization");
    expect(textOf("/app.js")).not.toMatch(/[?&]token=/);
  });
});

describe("views", () => {
  it("survive a context with nothing in it, and with odd values", () => {
    expect(sectionsOf({}).lists.active).toEqual([]);
    const odd = { project_state: { active_tasks: [{ id: 7, title: { a: 1 } }, {}], blocked_tasks: "none" } };
    expect(sectionsOf(odd).lists.active[0].title).toBe('7 · {"a":1}');
    expect(sectionsOf(odd).lists.blocked).toEqual([]);
  });

  it("show both values of a conflict with their authors", () => {
    const conflict = { path: "project_state.current_phase", candidates: [{ value: "a", agent: "x" }, { agent: "y" }] };
    expect(itemView.conflict(conflict).meta).toBe("shown: a (x) · beside: (removed) (y)");
  });
});
