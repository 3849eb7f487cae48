/** The relay's log: a slider over its updates, what each changed, and bringing former values back as new changes. */

import type { JsonObject } from "@context-mesh/common";
import { useEffect, useState } from "preact/hooks";
import { agoText, momentText } from "../../model/ages.ts";
import { differencesOf } from "../../model/diff.ts";
import type { LogPage, Stamp } from "../../model/past.ts";
import { keptContext, readLog, stampAt } from "../data/history.ts";
import { refine, route } from "../state/navigation.ts";
import { facts, nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { Differences } from "./differences.tsx";
import { WriteButton } from "./writing.tsx";

type Loaded =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "ready"; readonly log: LogPage };

type Compared = "before" | "now";

interface Shown {
  readonly seq: number;
  readonly stamp: Stamp | undefined;
  readonly context: JsonObject;
  readonly before: JsonObject;
}

const sliderPauseMs = 120;

/** The context at a moment and the one just before it. */
const useMoment = (seq: number, first: number): Shown | string | undefined => {
  const [shown, setShown] = useState<Shown | string | undefined>(undefined);
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const before = seq > first ? keptContext(seq - 1) : Promise.resolve({});
      const [context, former, stamp] = await Promise.all([keptContext(seq), before, stampAt(seq)]);
      if (!isCurrent) return;
      if (typeof context === "string" || typeof former === "string")
        setShown(typeof context === "string" ? context : String(former));
      else setShown({ seq, stamp, context, before: former });
    }, sliderPauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [seq, first]);
  return shown;
};

const restoreAll = (context: JsonObject, seq: number): void =>
  perform(`Everything as it was at update ${seq}`, (mesh) => mesh.import(context, { replace: true }).receipt);

const At = ({ shown }: { shown: Shown }) => {
  const [compared, setCompared] = useState<Compared>("before");
  const now = facts.value?.context;
  const isNow = compared === "now";
  const list = isNow ? differencesOf(shown.context, now) : differencesOf(shown.before, shown.context);
  return (
    <section class="panel" aria-labelledby="diff-title">
      <div class="panel-head">
        <h2 id="diff-title">
          Update {shown.seq}
          {shown.stamp !== undefined && ` by ${shown.stamp.agent}`}
        </h2>
        {shown.stamp !== undefined && (
          <time title={momentText(shown.stamp.at)}>{agoText(shown.stamp.at, nowMs.value)}</time>
        )}
      </div>
      <div class="panel-body toolbar">
        <button type="button" aria-pressed={!isNow} onClick={() => setCompared("before")}>
          What it changed
        </button>
        <button type="button" aria-pressed={isNow} disabled={now === undefined} onClick={() => setCompared("now")}>
          Compared with now
        </button>
        <a class="button" href={`#/board?at=${shown.seq}`}>
          The board then
        </a>
        {isNow && list.length > 0 && (
          <WriteButton
            kind="danger"
            confirm="Write everything as it was then, as new changes?"
            onClick={() => restoreAll(shown.context, shown.seq)}
          >
            Restore everything
          </WriteButton>
        )}
      </div>
      <Differences list={list} canRestore={isNow} />
    </section>
  );
};

const Log = ({ log }: { log: LogPage }) => {
  const asked = Number(route.value.at);
  const seq = Number.isSafeInteger(asked) && asked >= log.first && asked <= log.last ? asked : log.last;
  const shown = useMoment(seq, log.first);
  return (
    <>
      <div class="panel panel-body">
        <label class="field">
          Moment: update {seq} of {log.first} to {log.last}
          <input
            type="range"
            min={log.first}
            max={log.last}
            value={seq}
            aria-valuetext={`update ${seq}`}
            onInput={(event) => refine({ at: event.currentTarget.value })}
          />
        </label>
      </div>
      {typeof shown === "string" && <p class="notice error">{shown}</p>}
      {typeof shown === "object" && <At key={shown.seq} shown={shown} />}
      <section class="panel" aria-labelledby="log-title">
        <h2 id="log-title">Log</h2>
        <ul class="lines compact log">
          {log.stamps.map((stamp) => (
            <li key={stamp.seq}>
              <a href={`#/history?at=${stamp.seq}`} aria-current={stamp.seq === seq ? "true" : undefined}>
                {stamp.seq}
              </a>
              <strong>{stamp.agent}</strong>
              <time title={momentText(stamp.at)}>{agoText(stamp.at, nowMs.value)}</time>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
};

export const HistoryView = () => {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const newest = facts.value?.events[0]?.id;
  useEffect(() => {
    readLog().then((log) => setLoaded(typeof log === "string" ? { kind: "failed", why: log } : { kind: "ready", log }));
  }, [newest]);
  return (
    <div class="stack">
      <h2 class="page-title">History</h2>
      {loaded.kind === "loading" && <p class="empty">Asking the relay …</p>}
      {loaded.kind === "failed" && <p class="panel empty">No history can be shown: {loaded.why}</p>}
      {loaded.kind === "ready" && <Log log={loaded.log} />}
    </div>
  );
};
