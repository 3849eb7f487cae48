/** What is not as it should be, in plain words. */

import type { Notice } from "../../model/notices.ts";
import { connection, notices } from "../state/node.ts";
import { setToken } from "../state/session.ts";

const symbols = { info: "•", warning: "!", error: "✗" } as const;

const submitToken = (event: SubmitEvent): void => {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const given = new FormData(form).get("secret");
  if (typeof given === "string" && given !== "") setToken(given);
  form.reset();
};

const TokenForm = () => (
  <form class="inline-form" onSubmit={submitToken}>
    <label>
      Token <input type="password" name="secret" autocomplete="off" />
    </label>
    <button type="submit">Try again</button>
  </form>
);

const Line = ({ notice }: { notice: Notice }) => (
  <div class={`notice ${notice.kind}`} data-notice={notice.id}>
    <p>
      <span class="symbol" aria-hidden="true">
        {symbols[notice.kind]}
      </span>
      <strong>{notice.text}</strong> <span>{notice.hint}</span>
    </p>
    {notice.id === "refused" && connection.value.kind === "refused" && connection.value.code === "closed_4401" && (
      <TokenForm />
    )}
  </div>
);

export const Notices = () => (
  <div class="notices" role="status" aria-live="polite">
    {notices.value.map((notice) => (
      <Line key={notice.id} notice={notice} />
    ))}
  </div>
);
