/** How the tab stands with its relay, as one of few states, each with its words. */

export interface RelayFact {
  readonly url: string;
  readonly state: string;
  readonly synced: boolean;
  readonly lagMs: number;
  readonly nextTryAt: number | undefined;
  readonly lastError: { readonly code: string; readonly message: string; readonly at: number } | undefined;
  readonly grant?: "read" | "write" | undefined;
}

export type Connection =
  | { readonly kind: "starting" }
  | { readonly kind: "syncing" }
  | { readonly kind: "live"; readonly lagMs: number }
  | { readonly kind: "offline"; readonly nextTryAt: number | undefined }
  | { readonly kind: "refused"; readonly code: string; readonly words: string; readonly hint: string };

interface Words {
  readonly words: string;
  readonly hint: string;
}

/** Refusals that trying again does not mend, by close code. */
const refusals: Readonly<Record<string, Words>> = {
  closed_4400: {
    words: "The relay says that this cannot be a room.",
    hint: "Check the room's name in the address.",
  },
  closed_4401: {
    words: "The relay refused the token.",
    hint: "Give another one here, or open the address that `context-mesh open` prints.",
  },
  closed_4403: { words: "The relay does not let this page in.", hint: "Ask who runs the relay." },
  closed_4413: {
    words: "Something in this tab is larger than the relay takes.",
    hint: "Export the room, reload, and put large content into files.",
  },
  closed_4426: {
    words: "This page and the relay speak different versions.",
    hint: "Reload the page; the relay brings the version that fits.",
  },
};

export const connectionOf = (relays: readonly RelayFact[] | undefined): Connection => {
  if (relays === undefined || relays.length === 0) return { kind: "starting" };
  const live = relays.find((relay) => relay.state === "live");
  if (live !== undefined) return { kind: "live", lagMs: live.lagMs };
  const [first] = relays;
  const error = first?.lastError;
  const refusal = error === undefined ? undefined : refusals[error.code];
  if (first?.state === "stopped" && error !== undefined) {
    const other = { words: `The relay ended the connection: ${error.message}.`, hint: "Reload to try again." };
    return { kind: "refused", code: error.code, ...(refusal ?? other) };
  }
  if (first?.state === "waiting") return { kind: "offline", nextTryAt: first.nextTryAt };
  if (first?.state === "idle") return { kind: "starting" };
  return error !== undefined && first?.state === "dialing"
    ? { kind: "offline", nextTryAt: undefined }
    : { kind: "syncing" };
};

export const connectionText = (connection: Connection): string => {
  switch (connection.kind) {
    case "starting":
      return "Starting";
    case "syncing":
      return "Catching up";
    case "live":
      return "Live";
    case "offline":
      return "Offline";
    case "refused":
      return "Refused";
  }
};
