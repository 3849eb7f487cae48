/** Networks that part in every shape, links that break, go silent or slow, messages that get lost or come twice. */

import { pick } from "@context-mesh/common";
import type { World } from "../world.ts";
import type { Act, Play } from "./play.ts";

const namesOf = (world: World): string[] => [...world.agents, ...world.relays, ...world.stocks].map(({ name }) => name);

const someOf = (world: World, share: number): ReadonlySet<string> =>
  new Set(namesOf(world).filter(() => world.random.float() < share));

type Shape = (world: World) => () => void;

const halves: Shape = (world) => {
  const side = someOf(world, 0.4);
  return world.network.partition((a, b) => side.has(a) !== side.has(b));
};

/** What one side sends does not arrive; the other way is open. */
const oneWay: Shape = (world) => {
  const side = someOf(world, 0.4);
  world.ledger.note("a one-way partition");
  return world.network.cut((from, to) => side.has(from) && !side.has(to));
};

/** Two sides that only one machine reaches both of. */
const bridge: Shape = (world) => {
  const names = namesOf(world);
  const middle = pick(world.random, names);
  const side = someOf(world, 0.5);
  world.ledger.note("a partition with a bridge");
  return world.network.partition((a, b) => a !== middle && b !== middle && side.has(a) !== side.has(b));
};

/** Each relay hears only the next one. */
const ring: Shape = (world) => {
  const at = new Map(world.relays.map(({ name }, n) => [name, n]));
  const count = world.relays.length;
  if (count === 3) world.ledger.note("a partition of relays in a ring");
  return world.network.cut((from, to) => {
    const [a, b] = [at.get(from), at.get(to)];
    return a !== undefined && b !== undefined && b !== (a + 1) % count;
  });
};

const alone: Shape = (world) => {
  const one = pick(world.random, namesOf(world));
  world.ledger.note("one machine alone");
  return world.network.partition((a, b) => a === one || b === one);
};

const noRelays: Shape = (world) => {
  world.ledger.note("agents cut off from every relay");
  return world.network.partition((a, b) => a.startsWith("agent") && b.startsWith("relay"));
};

const shapes: readonly Shape[] = [halves, halves, oneWay, bridge, ring, alone, noRelays];

export const partition: Act = ({ world, heals }) => {
  world.stats.partitions += 1;
  if (world.relays.some(({ joining }) => joining.size > 0))
    world.ledger.note("a partition began in the middle of a join");
  heals.push(pick(world.random, shapes)(world));
};

export const heal: Act = ({ heals, world }) => {
  const [step] = heals.splice(world.random.int(heals.length + 1), 1);
  step?.();
};

const joinFaultShare = 0.1;
const joinFaultMsMax = 40;

/** Now and then a link breaks, or the network parts, while somebody joins over it. */
export const disturbJoins = ({ world, heals }: Play): void => {
  world.onJoin = (link) => {
    if (world.random.float() >= joinFaultShare) return;
    const isBreak = world.random.float() < 0.5;
    world.clock.after(world.random.int(joinFaultMsMax), () => {
      if (world.onJoin === undefined) return;
      if (!isBreak) partition({ world, heals, thoughts: [] });
      else if (!link.isGone) {
        world.wire.broken(link);
        link.drop();
      }
    });
  };
};

export const breakLink: Act = ({ world }) => {
  const links = world.network.links();
  if (links.length === 0) return;
  const link = pick(world.random, links);
  world.wire.broken(link);
  if (link.inFlight > 0) world.ledger.note("messages were lost with their link");
  if (world.random.float() < 0.7) {
    link.drop();
    return;
  }
  const told = world.random.float() < 0.5 ? "dialer" : "listener";
  world.ledger.note(
    told === "listener" ? "a link went half-open towards the node" : "a link went half-open towards the relay",
  );
  link.halfOpen(told);
};

/** Between one pair of machines everything takes a second longer. */
export const slowDown: Act = ({ world, heals }) => {
  const pair = `${pick(world.random, world.agents).name} ${pick(world.random, world.relays).name}`;
  world.slow.add(pair);
  heals.push(() => void world.slow.delete(pair));
};

/** For a while messages get lost and come twice, where that is to be mended. */
export const tamper: Act = ({ world, heals }) => {
  world.wire.tampering.loss = 0.08;
  world.wire.tampering.repeats = 0.08;
  heals.push(() => {
    world.wire.tampering.loss = 0;
    world.wire.tampering.repeats = 0;
  });
};

/** A reader stops taking bytes for a while. */
export const stopReading: Act = ({ world, heals }) => {
  const links = world.network.links(({ from }) => !from.startsWith("relay"));
  if (links.length === 0) return;
  const link = pick(world.random, links);
  link.pauseReading("dialer");
  heals.push(() => link.resumeReading("dialer"));
};
