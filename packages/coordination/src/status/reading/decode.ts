/** From the bytes of a status file to text, whatever they are, with what was odd about them. */

import { limits } from "@context-mesh/common";
import { decodeOneByte, mendMojibake } from "./mojibake.ts";
import { problem, type StatusProblem } from "./problems.ts";

export interface DecodedText {
  /** undefined when there is nothing to read. */
  readonly text: string | undefined;
  readonly problems: readonly StatusProblem[];
}

const nothing = (found: StatusProblem): DecodedText => ({ text: undefined, problems: [found] });

const startsWith = (bytes: Uint8Array, ...mark: readonly number[]): boolean =>
  mark.every((byte, at) => bytes[at] === byte);

/** Every other byte is NUL in UTF-16 of plain text, with a byte order mark or without. */
const utf16Label = (bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  if (startsWith(bytes, 0xff, 0xfe)) return "utf-16le";
  if (startsWith(bytes, 0xfe, 0xff)) return "utf-16be";
  if (bytes.length < 4) return undefined;
  const head = bytes.subarray(0, 64);
  const nulAt = (parity: number): number => {
    let nuls = 0;
    for (let at = parity; at < head.length; at += 2) if (head[at] === 0) nuls += 1;
    return nuls;
  };
  const half = Math.floor(head.length / 2);
  if (nulAt(1) >= half * 0.8 && nulAt(0) === 0) return "utf-16le";
  return nulAt(0) >= half * 0.8 && nulAt(1) === 0 ? "utf-16be" : undefined;
};

const countOf = (text: string, character: string): number =>
  text.includes(character) ? text.split(character).length - 1 : 0;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Strict UTF-8; else, where no byte sequence makes sense as UTF-8, the encoding of old Windows editors. */
const decodeEightBit = (bytes: Uint8Array): { readonly text: string; readonly problems: readonly StatusProblem[] } => {
  try {
    return { text: strict.decode(bytes), problems: [] };
  } catch {
    const lax = lenient.decode(bytes);
    const replaced = countOf(lax, "\ufffd");
    const hasUtf8 = /[\u0080-\ufffc]/.test(lax);
    const text = hasUtf8 ? lax : decodeOneByte(bytes, "windows-1252");
    const how = hasUtf8 ? "they are shown as U+FFFD" : "it was read as windows-1252";
    return {
      text,
      problems: [problem("invalid_utf8", `${replaced} bytes are not UTF-8; ${how}. Save the file as UTF-8.`)],
    };
  }
};

const withoutNuls = (text: string, problems: StatusProblem[]): string => {
  const nuls = countOf(text, "\0");
  if (nuls === 0) return text;
  problems.push(
    problem("nul_bytes", `${nuls} NUL bytes stand in the file, as after a crash of its writer; they were left out.`),
  );
  return text.replaceAll("\0", "");
};

const remarksOn = (text: string): StatusProblem[] => {
  const found: StatusProblem[] = [];
  const { readAs } = mendMojibake(text);
  if (readAs !== undefined) {
    found.push(problem("mojibake", `Text was read as ${readAs} and saved again; words are read as they were meant.`));
  }
  const lost = countOf(text, "\ufffd");
  if (lost > 0) found.push(problem("replacement_characters", `${lost} characters were lost before (U+FFFD).`));
  return found;
};

export const decodeStatusBytes = (bytes: Uint8Array): DecodedText => {
  if (bytes.length > limits.statusFileBytesMax) {
    return nothing(
      problem("too_large", `The file has ${bytes.length} bytes; at most ${limits.statusFileBytesMax} are read.`),
    );
  }
  if (bytes.length === 0) return nothing(problem("empty", "The file is empty; its writer may have been interrupted."));
  if (bytes.every((byte) => byte === 0)) {
    return nothing(
      problem("nul_filled", `The file holds ${bytes.length} NUL bytes and nothing else, as after a power cut.`),
    );
  }
  const problems: StatusProblem[] = [];
  const wide = utf16Label(bytes);
  let text: string;
  if (wide === undefined) {
    const decoded = decodeEightBit(bytes);
    text = decoded.text;
    problems.push(...decoded.problems);
  } else {
    text = new TextDecoder(wide, { ignoreBOM: true }).decode(bytes);
    problems.push(problem("utf16", `The file is ${wide.toUpperCase()}. Save it as UTF-8.`));
  }
  if (text.startsWith("\ufeff")) {
    problems.push(problem("byte_order_mark", "The file begins with a byte order mark; it was skipped."));
    text = text.replace(/^\ufeff+/, "");
  }
  text = withoutNuls(text, problems);
  if (problems.every(({ code }) => code !== "invalid_utf8")) problems.push(...remarksOn(text));
  if (text.trim() === "") {
    return { text: undefined, problems: [...problems, problem("empty", "The file holds nothing but white space.")] };
  }
  return { text, problems };
};
