/** Colour, and the rule that it never stands alone: each state has a symbol and a word. */

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const wrap =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;

const same = (text: string): string => text;

export const plainPaint: Paint = { bold: same, dim: same, good: same, warn: same, bad: same };

const colourPaint: Paint = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  warn: wrap(33, 39),
  bad: wrap(31, 39),
};

/** FORCE_COLOR (not "0") wins over NO_COLOR (not empty), which wins over what the stream is. */
export const choosePaint = (env: Readonly<Record<string, string | undefined>>, isTty: boolean): Paint => {
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force === "0" || force === "false" ? plainPaint : colourPaint;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return plainPaint;
  return isTty && env.TERM !== "dumb" ? colourPaint : plainPaint;
};

export const symbols = { good: "✓", bad: "✗", warn: "!", step: "•" } as const;
