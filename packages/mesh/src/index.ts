/** The node: one agent's replica of a room, its durable outbox, and its links to relays. No Node imports. */

export type * from "./api/types.ts";
