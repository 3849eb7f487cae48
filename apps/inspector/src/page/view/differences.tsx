/** What differs between two moments, with what was then brought back as a new change. */

import type { Difference } from "../../model/diff.ts";
import { shortValue } from "../../model/events.ts";
import { perform } from "../state/writes.ts";
import { WriteButton } from "./writing.tsx";

/** A new change on the ground of what stands now, which the person was shown beside it. */
const restore = (difference: Difference): void => {
  const { path, from } = difference;
  perform(`${path} as it was`, (mesh) => {
    mesh.get(path);
    const [answer] = mesh.push({ changes: [{ path, to: from }], reason: "restored from history" });
    if (answer?.receipt === undefined) throw new Error(answer?.detail ?? "the value could not be written");
    return answer.receipt;
  });
};

export const Differences = ({ list, canRestore }: { list: readonly Difference[]; canRestore: boolean }) => (
  <div class="table-wrap">
    <table class="diff">
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">{canRestore ? "Then" : "Before"}</th>
          <th scope="col">{canRestore ? "Now" : "After"}</th>
          {canRestore && (
            <th scope="col">
              <span class="visually-hidden">Restore</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {list.slice(0, 200).map((difference) => (
          <tr key={difference.path}>
            <th scope="row">
              <code>{difference.path}</code>
            </th>
            <td class="from">{difference.from === undefined ? <i>nothing</i> : shortValue(difference.from)}</td>
            <td class="to">{difference.to === undefined ? <i>nothing</i> : shortValue(difference.to)}</td>
            {canRestore && (
              <td>
                <WriteButton label={`Restore ${difference.path}`} onClick={() => restore(difference)}>
                  Restore
                </WriteButton>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
    {list.length === 0 && <p class="empty">Nothing differs.</p>}
    {list.length > 200 && <p class="empty">and {list.length - 200} more</p>}
  </div>
);
