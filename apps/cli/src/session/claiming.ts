/** What commands about claims have in common: refusals as outcomes, the lease that is asked for, and holding on. */

import type { ClaimRefused, ClaimResult, LeaseAnswer, LeaseApi, LeaseLoss } from "context-mesh";
import type { Args, OptionTable, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { ageText } from "../frame/wording.ts";
import { deliver, deliveryOptions } from "./deliver.ts";
import { defined, durationOption } from "./values.ts";
import type { Session } from "./with-mesh.ts";

export const leaseOption: OptionTable = {
  lease: { type: "string", placeholder: "TIME", summary: "By default 15m; 1s to 1h. Renew it while you work." },
};

export const claimOptions: OptionTable = {
  ...leaseOption,
  confirmed: { type: "boolean", summary: "Nothing less than a claim that the room's arbiter granted." },
  hold: { type: "boolean", summary: "Stay, renew, and say when it is lost (exit 5). Ctrl-C gives it back." },
  ...deliveryOptions,
};

export const claimWishes = (args: Args) => ({
  ...defined({ leaseMs: durationOption(args, "lease") }),
  confirmed: args.flag("confirmed"),
});

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

const holdOn = async ({ io }: Session, lease: LeaseApi): Promise<Outcome> => {
  io.say(`holding ${lease.task}; Ctrl-C gives it back`);
  await new Promise<void>((resolve) => {
    if (lease.signal.aborted || io.signal.aborted) resolve();
    lease.signal.addEventListener("abort", () => resolve(), { once: true });
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (lease.signal.aborted) return lostOutcome(lease.signal.reason as LeaseLoss);
  await lease.release();
  return done(toJson({ id: lease.task }), `gave back ${lease.task}`, { exitCode: exitCodes.interrupted });
};

const leaseData = ({ task, kind, fence, epoch, leaseMs }: LeaseApi) => ({ id: task, kind, fence, epoch, leaseMs });

/** Tells what was claimed, once it is sent; a claim that was lost on the way is no success. */
export const toldClaim = async (session: Session, result: ClaimResult): Promise<Outcome> => {
  if (!result.ok) return refused(result);
  const { lease, kind, task, receipt } = result;
  const title = session.mesh.tasks.get(task)?.title ?? "";
  const until = ageText(lease.leaseMs);
  const text = `task ${task} is yours (${kind}, for ${until})${title === "" ? "" : `: ${title}`}`;
  const outcome = await deliver(session, [receipt], { text, data: { ...leaseData(lease), title } });
  if (lease.signal.aborted) return lostOutcome(lease.signal.reason as LeaseLoss);
  if (!outcome.ok || !session.args.flag("hold")) return outcome;
  session.io.line(outcome.data);
  return holdOn(session, lease);
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
