/** Says that one looks at the past, and leads back. */

import { moment } from "../state/moment.ts";
import { refine } from "../state/navigation.ts";

export const MomentBar = () => {
  const then = moment.value;
  if (then.kind === "now") return null;
  const what = /^\d+$/.test(then.at) ? `update ${then.at}` : then.at;
  return (
    <div class="notice info moment" role="status">
      <p>
        {then.kind === "loading" && `Fetching the room as it was at ${what} …`}
        {then.kind === "shown" && <strong>You look at the room as it was at {what}.</strong>}
        {then.kind === "failed" && `The room as it was at ${what} cannot be shown: ${then.why}`}
      </p>
      <button type="button" onClick={() => refine({ at: undefined })}>
        Back to now
      </button>
    </div>
  );
};
