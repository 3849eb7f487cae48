/** The frame of every view: head, status strip, notices, navigation, the view itself. */

import { useEffect, useRef } from "preact/hooks";
import { route } from "../state/navigation.ts";
import { room } from "../state/session.ts";
import { Head } from "./head.tsx";
import { shortcuts } from "./keys.ts";
import { Lazy } from "./lazy.tsx";
import { NameDialog } from "./name-dialog.tsx";
import { Navigation, viewTitles } from "./navigation.tsx";
import { Notices } from "./notices.tsx";
import { overlay } from "./overlay.ts";
import { Overview } from "./overview.tsx";
import { RoomPicker } from "./room-picker.tsx";
import { StatusStrip } from "./status-strip.tsx";
import { Writes } from "./writes.tsx";

const CurrentView = () => {
  const { view } = route.value;
  if (view === "overview") return <Overview />;
  return <Lazy key={view} load={() => import("./views.tsx")} pick={(views) => views.viewOf(view)} />;
};

const Overlay = () => {
  if (overlay.value === "none") return null;
  return <Lazy load={() => import("./overlays.tsx")} pick={(overlays) => overlays.Overlays} />;
};

const focusMain = (): void => {
  document.getElementById("main")?.focus({ preventScroll: true });
};

/** Whoever goes to another place goes on from there with the keyboard, not from where they were. */
const useFocusThere = (view: string, id: string | undefined): void => {
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) focusMain();
    isFirst.current = false;
  }, [view, id]);
};

export const Shell = () => {
  const { view, id } = route.value;
  useEffect(shortcuts, []);
  useFocusThere(view, id);
  useEffect(() => {
    const what = id === undefined ? viewTitles[view] : `${id} · ${viewTitles[view]}`;
    document.title = room.value === "" ? "context-mesh inspector" : `${what} · ${room.value} · context-mesh`;
  }, [view, id]);
  if (room.value === "") return <RoomPicker />;
  return (
    <>
      <button type="button" class="skip" onClick={focusMain}>
        Skip to content
      </button>
      <Head />
      <StatusStrip />
      <Notices />
      <div class="body">
        <Navigation />
        <main id="main" tabIndex={-1}>
          <CurrentView />
        </main>
      </div>
      <Writes />
      <NameDialog />
      <Overlay />
    </>
  );
};
