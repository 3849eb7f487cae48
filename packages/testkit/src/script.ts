/** Arguments of the scripts that people run as `npm run NAME -- …`: a slip is told as one, with an example, and ends with 2. */

import { type ParseArgsConfig, parseArgs } from "node:util";
import { messageOf } from "@context-mesh/common";

type Parsed<C extends ParseArgsConfig> = ReturnType<typeof parseArgs<C>>;

export interface Script {
  /** As `parseArgs` of Node: what it throws becomes a misuse. */
  parse<const C extends ParseArgsConfig>(config: C): Parsed<C>;
  /** Says what is wrong and ends the process: a slip must not look like a finding, which ends with 1. */
  misuse(what: string): never;
  wholeNumber(text: string, flag: string): number;
}

/** `example`: a whole command line, such as `npm run simulate -- --seeds 200`. */
export const scriptWith = (example: string): Script => {
  const misuse = (what: string): never => {
    process.stderr.write(`✗ ${what}\n  Example: ${example}\n`);
    process.exit(2);
  };
  return {
    misuse,
    parse: <const C extends ParseArgsConfig>(config: C): Parsed<C> => {
      try {
        return parseArgs(config);
      } catch (error) {
        return misuse(messageOf(error));
      }
    },
    wholeNumber: (text, flag) => {
      const number = Number(text);
      const isWhole = text.trim() !== "" && Number.isSafeInteger(number) && number >= 0;
      return isWhole ? number : misuse(`${flag} takes a whole number, not "${text}"`);
    },
  };
};
