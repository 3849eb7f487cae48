/** What a multicast message of a session does in its room. */

import { decodeMulticast } from "@context-mesh/protocol";
import type { Metrics } from "../metrics.ts";
import type { Addressee, PostOffice } from "./post-office.ts";

/** Returns why it cannot be read; undefined when it was taken, or is only counted because this session may not do it. */
export const takeMulticast = (
  payload: Uint8Array,
  from: Addressee & { readonly canWrite: boolean },
  posts: PostOffice,
  metrics: Metrics,
): string | undefined => {
  const multicast = decodeMulticast(payload);
  if (!multicast.ok) return multicast.reason;
  const { value } = multicast;
  if (value.kind === "subscribe") {
    if (!from.isPeer) posts.subscribe(from, value.names);
    return undefined;
  }
  const isFromRelay = value.kind === "relayed";
  if (!from.canWrite || isFromRelay !== from.isPeer) metrics.add("posts_refused");
  else if (isFromRelay) posts.relayed(from, value);
  else posts.post(from, value, payload);
  return undefined;
};
