/** Relays that did not take the token. */

import type { RelayStatus } from "context-mesh";
import type { Io } from "../frame/io.ts";
import { choosePaint, symbols } from "../frame/paint.ts";

export const tokenHint = "Give the relay's token with --token-file or CONTEXT_MESH_TOKEN.";

/** The code of a refused token, when that is why no relay is there. */
export const authorisationProblem = (relays: readonly RelayStatus[]): string | undefined => {
  const codes = relays.map((relay) => relay.lastError?.code ?? "");
  const isRefusal = (code: string): boolean => /token|forbidden|authori|4401|4403/.test(code);
  return relays.length > 0 && codes.every(isRefusal) ? codes[0] : undefined;
};

/** For commands that wait: they would do so in silence. */
export const sayIfShutOut = (relays: readonly RelayStatus[], io: Io): void => {
  if (authorisationProblem(relays) === undefined) return;
  const paint = choosePaint(io.env, process.stderr.isTTY === true);
  io.say(`${paint.warn(`${symbols.warn} note`)}: the relay refused the token. ${tokenHint}`);
};
