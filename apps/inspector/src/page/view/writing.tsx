/** What every form that writes has in common: a button that knows whether this person may, and a question before the grave ones. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { rights } from "../state/node.ts";

interface WriteButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly kind?: "primary" | "danger" | "";
  readonly submits?: boolean;
  /** Asked before it is done. */
  readonly confirm?: string;
  readonly label?: string;
}

export const WriteButton = ({ children, onClick, kind = "", submits = false, confirm, label }: WriteButtonProps) => {
  const [isAsking, setAsking] = useState(false);
  const allowed = rights.value;
  const isShut = allowed.kind === "read";
  const act = (): void => {
    setAsking(false);
    onClick?.();
  };
  if (isAsking) {
    return (
      <span class="asking">
        <span>{confirm}</span>
        <button type="button" class="danger" onClick={act}>
          Yes
        </button>
        <button type="button" onClick={() => setAsking(false)}>
          No
        </button>
      </span>
    );
  }
  return (
    <button
      type={submits ? "submit" : "button"}
      class={kind}
      disabled={isShut}
      title={isShut ? allowed.why : undefined}
      aria-label={label}
      onClick={submits ? undefined : confirm === undefined ? act : () => setAsking(true)}
    >
      {children}
    </button>
  );
};

/** The fields of a form by name, trimmed; then it is empty again. */
export const takeForm = (event: SubmitEvent): Readonly<Record<string, string>> => {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
  form.reset();
  return fields;
};

export const ReadOnlyNote = () => {
  const allowed = rights.value;
  return allowed.kind === "read" ? <p class="meta">Read only: {allowed.why}</p> : null;
};
