/** The states of a session and the ways between them. Nothing live is sent before the first join answer. */

export type SessionState =
  /** The room is being loaded; what arrives waits. `resumes`: it was live before the room was unloaded. */
  | { readonly kind: "opening"; readonly resumes: boolean }
  /** Step 1 is sent, theirs is awaited. */
  | { readonly kind: "greeted" }
  /** Base, tail or what a slow reader missed goes out from a cursor; `owesAnswer` when a step 2 ends it. */
  | { readonly kind: "catching-up"; readonly owesAnswer: boolean }
  /** Commits are passed on as they happen; everything up to `sentSeq` is. */
  | { readonly kind: "live"; readonly sentSeq: number }
  /** A peer link whose room is unloaded. The first message loads it again. */
  | { readonly kind: "parked"; readonly wasLive: boolean }
  | { readonly kind: "closed" };

export type SessionEvent =
  | { readonly type: "opened"; readonly seq: number }
  | { readonly type: "asked" }
  | { readonly type: "fell-behind" }
  | { readonly type: "sent"; readonly seq: number }
  | { readonly type: "caught-up"; readonly seq: number }
  | { readonly type: "woken" }
  | { readonly type: "unloaded" }
  | { readonly type: "closed" };

/** The state after the event; the same state where the event means nothing. */
export const nextState = (state: SessionState, event: SessionEvent): SessionState => {
  if (state.kind === "closed") return state;
  switch (event.type) {
    case "opened":
      if (state.kind !== "opening") return state;
      return state.resumes ? { kind: "live", sentSeq: event.seq } : { kind: "greeted" };
    case "asked":
      return isAttached(state) ? { kind: "catching-up", owesAnswer: true } : state;
    case "fell-behind":
      return state.kind === "live" ? { kind: "catching-up", owesAnswer: false } : state;
    case "sent":
      return state.kind === "live" ? { kind: "live", sentSeq: event.seq } : state;
    case "caught-up":
      return state.kind === "catching-up" ? { kind: "live", sentSeq: event.seq } : state;
    case "woken":
      return state.kind === "parked" ? { kind: "opening", resumes: state.wasLive } : state;
    case "unloaded":
      return isAttached(state) ? { kind: "parked", wasLive: state.kind === "live" } : state;
    case "closed":
      return { kind: "closed" };
  }
};

/** True while the session belongs to a loaded room. */
export const isAttached = (state: SessionState): boolean =>
  state.kind === "greeted" || state.kind === "catching-up" || state.kind === "live";
