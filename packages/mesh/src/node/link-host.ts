/** What relay links ask of the engine, in one place: everything that leaves the node passes here and is committed first. */

import { limits } from "@context-mesh/common";
import { encodeStateVector, type SetAside } from "@context-mesh/protocol";
import type { LinkEnd, LinkHost } from "../sync/link-host.ts";
import type { CoreSurface } from "./core-surface.ts";

const refusedPart = (core: CoreSurface, link: LinkEnd, parts: readonly SetAside[]): void => {
  const { clientId } = core.replicas.identity;
  for (const { client, reason } of parts) {
    core.emit("integrity", {
      code: "set_aside",
      detail: `${link.url} set aside updates of ${client.toString(36)}: ${reason}`,
    });
  }
  const isOwn = parts.some((part) => part.client === clientId);
  if (isOwn && core.incidents.mayRenew()) core.replicas.renew("set_aside");
};

/** Whose presence is wanted: of those who share a group. */
const groupsFor = (core: CoreSurface): readonly string[] =>
  core.options.agent.groups.filter((name) => name.length <= limits.postNameBytesMax).slice(0, limits.subscriptionsMax);

const sendingSide = (core: CoreSurface): Pick<LinkHost, "own" | "committedVector" | "diff" | "reach" | "ownHello"> => ({
  ownHello: () => ({
    v: 1,
    id: core.sessionId,
    role: "node",
    agent: core.options.agent.id,
    presence: [core.wireId],
    features: ["ack", "multicast"],
    ...(core.options.agent.groups.length === 0 ? {} : { groups: groupsFor(core) }),
    ...(core.posts.subscriptions.length === 0 ? {} : { subscriptions: core.posts.subscriptions }),
  }),
  own: () => {
    core.replicas.catchUp();
    return { clientId: core.replicas.identity.clientId, clock: core.replicas.replica.ownClock() };
  },
  committedVector: () => {
    if (!core.replicas.isLoaded || !core.replicas.commitReceived()) return undefined;
    return core.replicas.replica.vector();
  },
  diff: (vector) => core.replicas.replica.diff(encodeStateVector(vector)),
  reach: () => ({
    mark: core.publisher.mark,
    clock: core.replicas.replica.ownClock(),
    clientId: core.replicas.identity.clientId,
  }),
});

export const linkHostFor = (core: CoreSurface): LinkHost => ({
  clock: core.options.clock,
  random: core.options.random,
  logger: core.options.logger,
  dialer: core.dialer,
  token: core.options.token,
  askedEarly: (connection) => core.dialer.askedOf(connection),
  ...sendingSide(core),
  receive: (update, url) => {
    core.replicas.receive(update, url);
  },
  renew: (reason) => core.replicas.renew(reason),
  told: (link, ownClock) => core.told(link, ownClock),
  checked: (link) => {
    core.presence.connected(link.url);
    core.scheduler.appendable();
  },
  synced: (link) => core.synced(link),
  answered: () => core.emit("answered", undefined),
  lost: (link) => {
    core.presence.disconnected(link.url);
    core.arbiter.lost(link.url);
  },
  claim: (link, payload) => core.arbiter.receive(link.url, payload),
  proven: (link, reach, state) => core.proven(link, reach, state),
  setAside: (link, parts) => refusedPart(core, link, parts),
  awareness: (link, states) => core.presence.receive(link.url, states),
  posted: (payload) => core.posts.received(payload),
  sayPresence: (link) => core.presence.say(link.url),
  changed: (link) => core.linkChanged(link),
});
