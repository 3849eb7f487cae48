/** A component that is loaded when it is first shown. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface LazyProps<M> {
  readonly load: () => Promise<M>;
  readonly pick: (module: M) => ComponentType;
}

type Loading =
  | { readonly kind: "loading" }
  | { readonly kind: "failed" }
  | { readonly kind: "ready"; View: ComponentType };

export const Lazy = <M,>({ load, pick }: LazyProps<M>) => {
  const [state, setState] = useState<Loading>({ kind: "loading" });
  useEffect(() => {
    load().then(
      (module) => setState({ kind: "ready", View: pick(module) }),
      () => setState({ kind: "failed" }),
    );
  }, []);
  if (state.kind === "ready") return <state.View />;
  if (state.kind === "failed") {
    return (
      <p class="empty" role="alert">
        This part of the page could not be loaded. It comes when the relay answers: reload then.
      </p>
    );
  }
  return <p class="empty">Loading …</p>;
};
