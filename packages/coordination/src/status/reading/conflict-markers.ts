/** Conflict markers that git left in a file, nested ones too: the two texts that stood against each other. */

export interface ConflictSides {
  readonly ours: string;
  readonly theirs: string;
  /** Places where the two differ. */
  readonly count: number;
}

type Section = "ours" | "base" | "theirs";

const marker = /^(<{7}|\|{7}|={7}|>{7})(?:\s.*)?$/;

/** A line is part of a side when every conflict around it is in the section of that side. */
const belongsTo = (side: Section, stack: readonly Section[]): boolean => stack.every((section) => section === side);

/** undefined without markers. A marker whose partner is missing is left out, and what stands around it stays. */
export const splitConflicts = (text: string): ConflictSides | undefined => {
  if (!/^(<{7}|>{7})/m.test(text)) return undefined;
  const ours: string[] = [];
  const theirs: string[] = [];
  const stack: Section[] = [];
  let count = 0;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const mark = marker.exec(line)?.[1];
    if (mark === undefined) {
      if (belongsTo("ours", stack)) ours.push(line);
      if (belongsTo("theirs", stack)) theirs.push(line);
    } else if (mark.startsWith("<")) {
      stack.push("ours");
      count += 1;
    } else if (mark.startsWith(">")) stack.pop();
    else if (stack.length > 0) stack[stack.length - 1] = mark.startsWith("=") ? "theirs" : "base";
  }
  return { ours: ours.join("\n"), theirs: theirs.join("\n"), count: Math.max(1, count) };
};
