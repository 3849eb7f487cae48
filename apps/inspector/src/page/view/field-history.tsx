/** Who changed this field, read off the relay's log. */

import { useEffect, useState } from "preact/hooks";
import { agoText } from "../../model/ages.ts";
import { shortValue } from "../../model/events.ts";
import { linkTo } from "../../model/route.ts";
import { type FieldChange, fieldChanges } from "../data/field-history.ts";
import { route } from "../state/navigation.ts";
import { nowMs } from "../state/picture.ts";

type Found =
  | { readonly kind: "loading" }
  | { readonly kind: "found"; readonly changes: readonly FieldChange[] }
  | { readonly kind: "failed"; readonly why: string };

export const FieldHistory = ({ path }: { path: string }) => {
  const [found, setFound] = useState<Found>({ kind: "loading" });
  useEffect(() => {
    fieldChanges(path).then((changes) =>
      setFound(typeof changes === "string" ? { kind: "failed", why: changes } : { kind: "found", changes }),
    );
  }, [path]);
  if (found.kind === "loading") return <p class="meta">Looking through the relay's log …</p>;
  if (found.kind === "failed") return <p class="meta">The relay's log cannot be read: {found.why}</p>;
  if (found.changes.length === 0) return <p class="meta">Nothing known.</p>;
  return (
    <ul class="changes">
      {found.changes.map(({ stamp, value }) => (
        <li key={stamp.seq}>
          <strong>{stamp.agent}</strong> → {shortValue(value)}{" "}
          <a class="meta" href={linkTo(route.value.view, route.value.id, String(stamp.seq))}>
            {stamp.at === 0 ? "earlier" : agoText(stamp.at, nowMs.value)}, update {stamp.seq}
          </a>
        </li>
      ))}
    </ul>
  );
};
