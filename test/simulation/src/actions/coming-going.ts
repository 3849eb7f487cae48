/** Agents and stock peers that come and go, now and then in numbers. */

import { pick } from "@context-mesh/common";
import { StockMachine } from "../machines/stock-machine.ts";
import { newAgent, type World } from "../world.ts";
import { type Act, running } from "./play.ts";

const agentsMax = 14;
const crowdMin = 5;
const stocksMax = 2;
const leaveMs = 400;

const joinOne = (world: World): void => {
  const agent = newAgent(world);
  world.agents.push(agent);
  void agent.start();
  if (!world.network.isWhole) world.ledger.note("an agent joined during a partition");
};

export const joinMesh: Act = ({ world }) => {
  if (world.agents.length < agentsMax) joinOne(world);
};

export const crowdJoins: Act = ({ world }) => {
  const count = crowdMin + world.random.int(5);
  if (world.agents.length + count > agentsMax) return;
  for (let n = 0; n < count; n += 1) joinOne(world);
  world.ledger.note("a crowd joined at once");
};

/** Leaves for good: what it could not send stays on a disk that nobody sees again. */
export const leaveMesh: Act = ({ world }) => {
  const agents = running(world);
  if (agents.length < 3) return;
  const agent = pick(world.random, agents);
  world.agents.splice(world.agents.indexOf(agent), 1);
  world.diskLost.add(agent.family);
  agent.outcome = "ok";
  void agent.leave(leaveMs).then((unsent) => {
    world.ledger.note(unsent === 0 ? "an agent left and had sent everything" : "an agent left with something unsent");
  });
};

export const crowdLeaves: Act = (play) => {
  while (play.world.agents.length > 5) {
    const before = play.world.agents.length;
    leaveMesh(play);
    if (play.world.agents.length === before) return;
  }
};

export const stockJoins: Act = ({ world }) => {
  const down = world.stocks.find(({ isUp }) => !isUp);
  if (down !== undefined) {
    down.start();
    return;
  }
  if (world.stocks.length >= stocksMax) return;
  const urls = world.relays.map(({ url }) => url).filter(() => world.random.float() < 0.7);
  const [first] = world.relays;
  const stock = new StockMachine(
    world,
    `stock${world.stocks.length}`,
    urls.length > 0 || first === undefined ? urls : [first.url],
  );
  world.stocks.push(stock);
  stock.start();
};

export const stockCrashes: Act = ({ world }) => {
  if (world.stocks.length > 0) pick(world.random, world.stocks).crash();
};
