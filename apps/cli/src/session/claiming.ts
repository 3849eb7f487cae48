/** What commands about claims have in common: refusals as outcomes, the lease that is asked for, and holding on. */

import { limits } from "@context-mesh/common";
import type { ClaimRefused, ClaimResult, LeaseAnswer, LeaseApi, LeaseLoss } from "context-mesh";
import type { Args, OptionTable, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { ageText } from "../frame/wording.ts";
import { deliver, deliveryOptions } from "./deliver.ts";
import { authorisationProblem, tokenHint } from "./relay-refusal.ts";
import { defined, durationOption } from "./values.ts";
import { interrupted, type Session, untilInterrupted, withMesh } from "./with-mesh.ts";

export const leaseOption: OptionTable = {
  lease: { type: "string", placeholder: "TIME", summary: "By default 15m; 1s to 1h. Renew it while you work." },
};

export const claimOptions: OptionTable = {
  ...leaseOption,
  confirmed: { type: "boolean", summary: "Nothing less than a claim that the room's arbiter granted." },
  hold: { type: "boolean", summary: "Stay, renew, and say when it is lost (exit 5). Ctrl-C gives it back." },
  ...deliveryOptions,
};

export const claimWishes = ({ args, io }: Session) => ({
  ...defined({ leaseMs: durationOption(args, "lease") }),
  confirmed: args.flag("confirmed"),
  signal: io.signal,
});

/** Within the time that a command has to leave: the arbiter's answer, giving back what it granted, and sending that. */
const callOffMs = 4_000;

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const refused = ({ reason, detail, hint, retryable, holder, retryAfterMs }: ClaimRefused<string>): Outcome =>
  failed(reason, capital(detail), hint, { retryable, details: toJson({ holder, retryAfterMs }) });

const lostOutcome = ({ task, reason, winner }: LeaseLoss): Outcome => {
  const code = reason === "expired" || reason === "identity" ? reason : "overtaken";
  const whose = winner === undefined ? "nobody has it now" : `${winner} has it now`;
  return failed(code, `The lease of task ${task} is lost (${reason}); ${whose}.`, "Stop. What was written is kept.", {
    details: toJson({ task, reason, holder: winner }),
  });
};

const holdOn = async ({ io, mesh }: Session, lease: LeaseApi): Promise<Outcome> => {
  io.say(`holding ${lease.task}; Ctrl-C gives it back`);
  await new Promise<void>((resolve) => {
    if (lease.signal.aborted || io.signal.aborted) resolve();
    lease.signal.addEventListener("abort", () => resolve(), { once: true });
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (lease.signal.aborted) return lostOutcome(lease.signal.reason as LeaseLoss);
  const answer = await lease.release();
  await mesh.leave({ flushMs: limits.commandSendMs });
  if (!answer.ok) return refused(answer);
  return done(toJson({ id: lease.task }), `gave back ${lease.task}`, { exitCode: exitCodes.interrupted });
};

const leaseData = ({ task, kind, fence, epoch, leaseMs }: LeaseApi) => ({ id: task, kind, fence, epoch, leaseMs });

/** Claiming again what one has renews it as it is. */
const keptTerms = ({ args }: Session, { leaseMs }: LeaseApi): readonly string[] => {
  const asked = durationOption(args, "lease");
  if (asked === undefined || asked === leaseMs) return [];
  return [`It was yours already, for ${ageText(leaseMs)} at a time; release it to claim it for another time.`];
};

/** Tells what was claimed, once it is sent; a claim that was lost on the way is no success. */
const toldClaim = async (session: Session, result: ClaimResult): Promise<Outcome> => {
  if (!result.ok) {
    const isShutOut = result.reason === "no_arbiter" && authorisationProblem(session.relays.list()) !== undefined;
    if (!isShutOut) return refused(result);
    return failed("token_refused", "The relay refused the token, so its word is not to be had.", tokenHint);
  }
  const { lease, kind, task, receipt } = result;
  const title = session.mesh.tasks.get(task)?.title ?? "";
  const until = ageText(lease.leaseMs);
  const text = `task ${task} is yours (${kind}, for ${until})${title === "" ? "" : `: ${title}`}`;
  const sent = await deliver(session, [receipt], { text, data: { ...leaseData(lease), title } });
  const outcome = sent.ok ? { ...sent, warnings: [...(sent.warnings ?? []), ...keptTerms(session, lease)] } : sent;
  if (lease.signal.aborted) return lostOutcome(lease.signal.reason as LeaseLoss);
  const { args, io } = session;
  const isGivenBack = args.flag("hold") && io.signal.aborted;
  if (!isGivenBack && (!outcome.ok || !args.flag("hold"))) return outcome;
  if (outcome.ok) io.line(outcome.data);
  return holdOn(session, lease);
};

/** Interrupted while the claim was still being asked for: what is granted all the same is given back before the end. */
const calledOff = async ({ io, mesh }: Session): Promise<Outcome> => {
  io.say("called off; what is granted all the same is given back");
  await mesh.leave({ flushMs: callOffMs });
  return interrupted();
};

/** A signal calls the claim off, and with `--hold` gives it back at the end, so it is no reason to drop the work. */
export const claimingCommand =
  (claim: (session: Session) => Promise<ClaimResult>) =>
  (args: Args, io: Io): Promise<Outcome> => {
    const work = async (session: Session): Promise<Outcome> => {
      let result: ClaimResult;
      try {
        result = await claim(session);
      } catch (error) {
        if (!io.signal.aborted || error !== io.signal.reason) throw error;
        return calledOff(session);
      }
      const told = toldClaim(session, result);
      return args.flag("hold") ? told : untilInterrupted(io, told);
    };
    return withMesh(args, io, work, { mindsSignal: true });
  };

/** One act on the own lease of the task that is named first. */
export const withLease = async (
  session: Session,
  act: (lease: LeaseApi) => Promise<LeaseAnswer>,
  text: (lease: LeaseApi) => string,
): Promise<Outcome> => {
  const id = session.args.positionals[0] ?? "";
  const lease = session.mesh.tasks.lease(id);
  if (lease === undefined) {
    if (session.mesh.tasks.get(id) === undefined)
      return failed("unknown_id", `There is no task ${id}.`, "List the tasks.");
    const holder = session.mesh.tasks.holder(id)?.agent;
    const whose = holder === undefined ? "nobody has it" : `${holder} has it`;
    return failed("not_held", `This agent has no lease of task ${id}; ${whose}.`, "Claim it.", {
      details: toJson({ holder }),
    });
  }
  const answer = await act(lease);
  if (!answer.ok) return refused(answer);
  return deliver(session, [answer.receipt], { text: text(lease), data: leaseData(lease) });
};
