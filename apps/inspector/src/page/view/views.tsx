/** Every view but the first screen, in a chunk of their own. */

import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import type { ViewName } from "../../model/route.ts";
import { route } from "../state/navigation.ts";
import { AgentsView } from "./agents-view.tsx";
import { BoardView } from "./board-view.tsx";
import { ConflictsView } from "./conflicts-view.tsx";
import { DecisionsView } from "./decisions-view.tsx";
import { DocumentView } from "./document-view.tsx";
import { HistoryView } from "./history-view.tsx";
import { MessagesView } from "./messages-view.tsx";
import { MomentBar } from "./moment-bar.tsx";
import { SyncView } from "./sync-view.tsx";
import { TalkView } from "./talk-view.tsx";
import { TaskView } from "./task-view.tsx";
import { TopologyView } from "./topology-view.tsx";

const views: Readonly<Record<Exclude<ViewName, "overview">, ComponentType>> = {
  board: BoardView,
  agents: AgentsView,
  conflicts: ConflictsView,
  decisions: DecisionsView,
  talk: TalkView,
  messages: MessagesView,
  history: HistoryView,
  sync: SyncView,
  document: DocumentView,
  topology: TopologyView,
  task: TaskView,
};

export const viewOf = (name: Exclude<ViewName, "overview">): ComponentType => {
  const View = views[name];
  return () => {
    const { id } = route.value;
    useEffect(() => {
      document.querySelector("main .named")?.scrollIntoView({ block: "nearest" });
    }, [id]);
    return (
      <>
        <MomentBar />
        <View />
      </>
    );
  };
};
