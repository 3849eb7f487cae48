/** An agent that deals with every message by answering it, and one that sends numbered ones. Killed by their test. */

import { join } from "context-mesh";

const [role, storage, home, relay, from, to] = process.argv.slice(2);
const mesh = await join(
  { room: "bench", agent: role, relays: [relay], storage, cwd: storage },
  { env: { CONTEXT_MESH_HOME: home, XDG_CONFIG_HOME: home } },
);
const say = (text) => process.stdout.write(`${text}\n`);

const send = async () => {
  for (let n = Number(from); n <= Number(to); n += 1) {
    const answer = await mesh.send({ to: "agent:actor", text: `${n}`, id: `m${n}`, anyway: true });
    if (!answer.ok) throw new Error(answer.reason);
    say(n);
  }
  await new Promise(() => {});
};

const act = async () => {
  for (;;) {
    const message = await mesh.inbox.next({ againAfterMs: 0 });
    const [{ ok, reason }] = mesh.inbox.act([message.id], { text: message.text });
    if (!ok) throw new Error(reason);
    say(message.text);
  }
};

await (role === "actor" ? act() : send());
