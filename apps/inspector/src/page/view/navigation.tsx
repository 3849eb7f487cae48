/** The views, with how much there is in each. */

import { useEffect, useRef } from "preact/hooks";
import { linkTo, listedViews, type ViewName } from "../../model/route.ts";
import { route } from "../state/navigation.ts";
import { shownDigest } from "../state/picture.ts";

export const viewTitles: Readonly<Record<ViewName, string>> = {
  overview: "Overview",
  board: "Board",
  agents: "Agents",
  conflicts: "Conflicts",
  decisions: "Decisions",
  talk: "Questions",
  messages: "Messages",
  history: "History",
  sync: "Sync",
  document: "Document",
  topology: "Topology",
  task: "Task",
};

const countOf = (view: ViewName): number => {
  const counts = shownDigest.value?.counts;
  if (view === "conflicts") return (counts?.conflicts ?? 0) + (counts?.proposals ?? 0);
  if (view === "talk") return counts?.questions ?? 0;
  return 0;
};

export const Navigation = () => {
  const current = route.value.view === "task" ? "board" : route.value.view;
  const list = useRef<HTMLUListElement>(null);
  // Where the views are a row that scrolls, the current one is in sight; elsewhere nothing is measured.
  useEffect(() => {
    if (matchMedia("(max-width: 46rem)").matches)
      list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <nav aria-label="Views" class="views">
      <ul ref={list}>
        {listedViews.map((view) => (
          <li key={view}>
            <a href={linkTo(view)} aria-current={current === view ? "page" : undefined}>
              {viewTitles[view]}
              {countOf(view) > 0 && <span class="count">{countOf(view)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};
