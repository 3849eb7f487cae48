/** Where the records lie in a closed SQLite file. https://sqlite.org/fileformat2.html#b_tree_pages */

import { readFileSync } from "node:fs";

const pageBytes = 4_096;
const leafTypes = [0x0d, 0x0a];

/** Offsets of all bytes of the cells of leaf pages, the first page (the schema) excepted. */
export const recordOffsets = (file: string): number[] => {
  const content = readFileSync(file);
  const offsets: number[] = [];
  for (let page = pageBytes; page < content.length; page += pageBytes) {
    if (!leafTypes.includes(content.readUInt8(page))) continue;
    const first = content.readUInt16BE(page + 5) || 65_536;
    for (let at = page + first; at < page + pageBytes; at++) offsets.push(at);
  }
  return offsets;
};
