/** The tab's node as the views see it: absent at first, then with a status. */

import type { Mesh, MeshStatus } from "@context-mesh/mesh";
import { computed, signal } from "@preact/signals";
import { type Connection, connectionOf } from "../../model/connection.ts";
import { type Notice, noticesOf } from "../../model/notices.ts";
import { oddItemsOf } from "../../model/odd-items.ts";
import { textOf } from "../../model/read.ts";
import { type Grant, newerSchemaText, type Rights, rightsOf } from "../../model/rights.ts";
import type { TabNode } from "../live/tab-node.ts";
import { facts } from "./picture.ts";
import { person } from "./session.ts";

export const mesh = signal<Mesh | undefined>(undefined);
/** The same with what the page added to it. */
export const tabNode = signal<TabNode | undefined>(undefined);
export const status = signal<MeshStatus | undefined>(undefined);
/** Why the node could not be started, if so. */
export const nodeProblem = signal("");
export const isStorageFull = signal(false);
/** This device's clock minus the relay's, as far as the relay said. */
export const clockOffMs = signal(0);
/** What the relay last said about this page and room. */
export const grant = signal<Grant | undefined>(undefined);

export const connection = computed<Connection>(() => connectionOf(status.value?.relays));

const newerSchema = computed(() => newerSchemaText(textOf(facts.value?.context.version)));

export const rights = computed<Rights>(() =>
  rightsOf({ grant: grant.value, person: person.value, newerSchema: newerSchema.value }),
);

/** Writes of this tab that no relay has on disk. */
export const waitingWrites = computed(() => (status.value?.queued.count ?? 0) + (status.value?.unconfirmed ?? 0));

const isRoomUnknown = computed(
  () => connection.value.kind === "live" && Object.keys(status.value?.vector ?? { unknown: 0 }).length === 0,
);

export const notices = computed<readonly Notice[]>(() =>
  noticesOf({
    connection: connection.value,
    queued: waitingWrites.value,
    storeProblems: status.value?.store.problems ?? [],
    storageFull: isStorageFull.value,
    clockOffMs: clockOffMs.value,
    newerSchema: newerSchema.value,
    isRoomUnknown: isRoomUnknown.value,
    nodeProblem: nodeProblem.value,
    oddItems: facts.value === undefined ? [] : oddItemsOf(facts.value.context),
  }),
);
