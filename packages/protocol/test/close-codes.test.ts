import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { closeCodes, isFinalClose, messageType } from "../src/index.ts";

const document = readFileSync(new URL("../PROTOCOL.md", import.meta.url), "utf8");

/** Cells of the table rows that begin with a number. */
const rows = document
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length > 3 && /^\d+$/.test(cells[1] ?? ""));

describe("close codes", () => {
  it("[WIRE-7] are listed in PROTOCOL.md as they are in the code", () => {
    const listed = rows
      .filter((cells) => Number(cells[1]) >= 1000)
      .map(([, code, name, final, meaning]) => ({
        code: Number(code),
        name: name?.replaceAll("`", ""),
        final: final === "yes",
        meaning,
      }));
    expect(listed).toEqual(closeCodes);
  });

  it("[WIRE-7] are final from 4400 to 4499 and nowhere else", () => {
    for (const { code, final } of closeCodes) expect(isFinalClose(code), String(code)).toBe(final);
    for (const other of [1000, 1001, 1006, 1011, 4399, 4500, 4599, 0]) expect(isFinalClose(other)).toBe(false);
    expect(new Set(closeCodes.map(({ code }) => code)).size).toBe(closeCodes.length);
    expect(new Set(closeCodes.map(({ name }) => name)).size).toBe(closeCodes.length);
  });

  it("[WIRE-1] message types are listed in PROTOCOL.md as they are in the code", () => {
    const listed = rows.filter((cells) => Number(cells[1]) < 1000).map((cells) => Number(cells[1]));
    expect(listed).toEqual(Object.values(messageType));
  });
});
