/**
 * Who of the known agents gets a message: pure choices. The first three reach all that they mean, the next three exactly
 * one; geographic reaches all that are nearest; adaptive picks one of the others by what is known.
 */

import { type Address, fitsAddress, type Profile } from "./address.ts";
import { type Priority, priorities, rankOfPriority } from "./message.ts";

export const strategies = [
  "broadcast",
  "group",
  "topic",
  "round_robin",
  "load_balanced",
  "priority",
  "geographic",
  "adaptive",
] as const;
export type StrategyName = (typeof strategies)[number];

/** An agent that could get the message. */
export interface Candidate extends Profile {
  /** Messages that wait there, by priority. */
  readonly waiting: Readonly<Record<Priority, number>>;
  /** Connected now. */
  readonly isHere: boolean;
}

export interface Choice {
  readonly address: Address;
  readonly from: Profile;
  readonly priority: Priority;
  /** Whom round robin chose for this address before. */
  readonly last?: string | undefined;
}

export interface Chosen {
  readonly recipients: readonly Candidate[];
  /** What adaptive came down to; the strategy itself otherwise. */
  readonly used: Exclude<StrategyName, "adaptive">;
}

type Simple = (fitting: readonly Candidate[], choice: Choice) => readonly Candidate[];

const byId = (a: Profile, b: Profile): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
export const loadOf = ({ waiting }: Candidate): number =>
  priorities.reduce((sum, priority) => sum + waiting[priority], 0);

/** What would be dealt with before a message of this priority. */
const aheadOf = (priority: Priority, { waiting }: Candidate): number =>
  priorities.slice(rankOfPriority(priority)).reduce((sum, urgent) => sum + waiting[urgent], 0);

/** The one with the smallest measure; of equals one that is here, then the first by name. */
const least = (agents: readonly Candidate[], measure: (agent: Candidate) => number): readonly Candidate[] =>
  [...agents].sort((a, b) => measure(a) - measure(b) || Number(b.isHere) - Number(a.isHere) || byId(a, b)).slice(0, 1);

/** Who is here goes before who is not, so that anycast does not wait for somebody asleep. */
const hereIfAny = (agents: readonly Candidate[]): readonly Candidate[] => {
  const here = agents.filter(({ isHere }) => isHere);
  return here.length > 0 ? here : agents;
};

const roundRobin: Simple = (fitting, { last }) => {
  const sorted = [...hereIfAny(fitting)].sort(byId);
  const next = last === undefined ? undefined : sorted.find(({ id }) => id > last);
  return (next === undefined ? sorted : [next]).slice(0, 1);
};

const sharedSteps = (a: string | undefined, b: string | undefined): number => {
  if (a === undefined || b === undefined) return 0;
  const [left, right] = [a.split("/"), b.split("/")];
  const at = left.findIndex((step, n) => step !== right[n]);
  return at < 0 ? left.length : at;
};

const nearest: Simple = (fitting, { from }) => {
  const closest = Math.max(0, ...fitting.map(({ region }) => sharedSteps(region, from.region)));
  return fitting.filter(({ region }) => sharedSteps(region, from.region) === closest);
};

const simple: Readonly<Record<Exclude<StrategyName, "adaptive" | "broadcast">, Simple>> = {
  group: (fitting) => fitting,
  topic: (fitting, { address }) =>
    address.kind === "topic" ? fitting : fitting.filter(({ topics }) => topics.length > 0),
  round_robin: roundRobin,
  load_balanced: (fitting) => least(hereIfAny(fitting), loadOf),
  priority: (fitting, { priority }) => least(hereIfAny(fitting), (agent) => aheadOf(priority, agent)),
  geographic: nearest,
};

/** Loads are uneven when the fullest has more than twice what is usual. */
const isUneven = (agents: readonly Candidate[]): boolean => {
  const loads = agents.map(loadOf);
  const mean = loads.reduce((sum, load) => sum + load, 0) / Math.max(1, loads.length);
  return Math.max(0, ...loads) > 2 * mean;
};

const adapt = (fitting: readonly Candidate[], { priority, address, from }: Choice): Chosen["used"] => {
  if (priority === "critical" || fitting.length <= 1) return "group";
  if (address.kind === "topic") return "topic";
  if (priority === "high") return "priority";
  if (isUneven(fitting)) return "load_balanced";
  const isSpread = new Set(fitting.map(({ region }) => region)).size > 1;
  return isSpread && from.region !== undefined ? "geographic" : "round_robin";
};

/** The sender itself is never among the recipients, unless it writes to itself by name. */
export const chooseRecipients = (strategy: StrategyName, candidates: readonly Candidate[], choice: Choice): Chosen => {
  const isToSelf = choice.address.kind === "agent" && choice.address.name === choice.from.id;
  const others = isToSelf ? candidates : candidates.filter(({ id }) => id !== choice.from.id);
  if (strategy === "broadcast") return { recipients: [...others].sort(byId), used: "broadcast" };
  const fitting = others.filter((agent) => fitsAddress(choice.address, agent));
  const used = strategy === "adaptive" ? adapt(fitting, choice) : strategy;
  const recipients = used === "broadcast" ? fitting : simple[used](fitting, choice);
  return { recipients: [...recipients].sort(byId), used };
};

/** Without a wish, everybody whom the address means. */
export const defaultStrategy = (address: Address): StrategyName => {
  if (address.kind === "everyone") return "broadcast";
  return address.kind === "topic" ? "topic" : "group";
};
