import { describe, expect, it } from "vitest";
import { checkVersion, isSyncLevel, parseContext, syncLevels } from "../src/index.ts";

describe("versions of the schema", () => {
  it("[SYNC-12] relate by major and minor number", () => {
    const relations = Object.fromEntries(
      [
        undefined,
        null,
        "2.0",
        "2",
        "v2.0.3",
        "2.1",
        "2.10-beta",
        "1.9",
        "0.1",
        "3.0",
        "3",
        "10.0",
        "latest",
        "",
        "2.x",
        "-1",
      ].map((version) => [String(version), checkVersion(version)]),
    );
    expect(relations).toEqual({
      undefined: "same",
      null: "same",
      "2.0": "same",
      "2": "same",
      "v2.0.3": "same",
      "2.1": "newer-additive",
      "2.10-beta": "newer-additive",
      "1.9": "older",
      "0.1": "older",
      "3.0": "incompatible",
      "3": "incompatible",
      "10.0": "incompatible",
      latest: "incompatible",
      "": "incompatible",
      "2.x": "incompatible",
      "-1": "incompatible",
    });
  });

  it("[SYNC-12] that only add are read, and what they add is kept", () => {
    const parsed = parseContext(
      "shared_context:\n  version: 2.7\n  risks: [{id: r1}]\n  project_state: {swimlanes: [a]}\n",
    );
    expect(parsed).toMatchObject({
      ok: true,
      value: { version: "2.7", risks: [{ id: "r1" }], project_state: { swimlanes: ["a"] } },
      issues: [{ code: "version_newer", line: 2, column: 12 }],
    });
    expect(parseContext("version: 1.4")).toMatchObject({ ok: true, issues: [{ code: "version_older" }] });
  });

  it("[SYNC-12b] that are too new are refused by a message that names both, before any field is judged", () => {
    const parsed = parseContext("shared_context:\n  version: 3.1\n  project_state: [now, a, list]\n");
    expect(parsed).toMatchObject({ ok: false, reason: "version_too_new" });
    expect(parsed.issues).toHaveLength(1);
    expect(parsed.issues[0]).toMatchObject({ path: "version", line: 2, column: 12 });
    expect(parsed.issues[0]?.message).toMatch(/3\.1.*2\.0/);
    expect(parseContext("version: soon")).toMatchObject({ ok: false, reason: "version_unreadable" });
  });
});

describe("sync levels", () => {
  it("are four, most urgent first", () => {
    expect(syncLevels).toEqual(["critical", "checkpoint", "periodic", "session"]);
    expect(isSyncLevel("session") && !isSyncLevel("urgent")).toBe(true);
  });
});
