/** Messages as lines for a person. */

import type { InboxMessage } from "context-mesh";

export const messageLine = ({ id, from, to, text, data, priority, isHandover, answers }: InboxMessage): string => {
  const marks = [
    isHandover ? "hand-over" : "",
    priority === "normal" ? "" : priority,
    answers === undefined ? "" : `answers ${answers}`,
  ];
  const said = text ?? JSON.stringify(data);
  const about = marks.filter((mark) => mark !== "").join(", ");
  return `${id}  ${from} → ${to}${about === "" ? "" : ` (${about})`}: ${said}`;
};
