/**
 * How far the structs of an update can be taken in, given what is known: each client's structs in order, none before
 * what it refers to. Yjs parks the rest; here it is found without applying anything.
 */

import type { ClientScan, UpdateScan } from "./types.ts";

/** Clocks [from, to) of a client, all of which can be taken in now. */
export type OnRun = (client: number, from: number, to: number) => void;

export interface Reach {
  /** Per client of the update the clock up to which it can be taken in; its known clock where nothing can. */
  readonly limits: ReadonlyMap<number, number>;
  /** Per client the highest clock that something waits for. */
  readonly missing: ReadonlyMap<number, number>;
}

interface Track {
  readonly section: ClientScan;
  readonly known: number;
  /** End of what follows the known clock without a hole. */
  readonly target: number;
  reached: number;
  /** Index of the next reference row. */
  row: number;
  isActive: boolean;
  isStuck: boolean;
}

interface Need {
  readonly client: number;
  readonly clock: number;
}

const noteMissing = (missing: Map<number, number>, client: number, clock: number): void => {
  if ((missing.get(client) ?? -1) < clock) missing.set(client, clock);
};

/** The end of the clocks that follow `known` without a hole; the hole is noted. */
const contiguousEnd = (section: ClientScan, known: number, missing: Map<number, number>): number => {
  const { client, from, to, skips } = section;
  if (to <= known) return known;
  if (from > known) {
    noteMissing(missing, client, from - 1);
    return known;
  }
  for (let i = 0; i < skips.length; i += 2) {
    const end = skips[i + 1] as number;
    if (end > known) {
      noteMissing(missing, client, end - 1);
      return Math.max(known, skips[i] as number);
    }
  }
  return to;
};

class Search {
  readonly #tracks = new Map<number, Track>();
  readonly #known: (client: number) => number;
  readonly #onRun: OnRun;
  readonly missing = new Map<number, number>();

  constructor(scan: UpdateScan, known: (client: number) => number, onRun: OnRun) {
    this.#known = known;
    this.#onRun = onRun;
    for (const section of scan.clients) {
      const reached = known(section.client);
      const target = contiguousEnd(section, reached, this.missing);
      const track = { section, known: reached, target, reached, row: 0, isActive: false, isStuck: false };
      this.#tracks.set(section.client, track);
    }
  }

  run(): Reach {
    for (const track of this.#tracks.values()) if (!track.isStuck) this.#settle(track);
    const limits = new Map([...this.#tracks].map(([client, track]) => [client, track.reached]));
    return { limits, missing: this.missing };
  }

  /**
   * Takes one client as far as it goes. Each frame wants its client beyond `goal` for the frame below it; so a client
   * that needs one further down the stack waits for itself, for ever.
   */
  #settle(root: Track): void {
    const stack = [{ track: root, goal: Number.MAX_SAFE_INTEGER }];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const { track, goal } = frame;
      track.isActive = true;
      const need = this.#advance(track, goal);
      const other = need === undefined ? undefined : this.#tracks.get(need.client);
      if (need !== undefined && other !== undefined && this.#canMove(other)) {
        stack.push({ track: other, goal: need.clock });
        continue;
      }
      if (need !== undefined) {
        track.isStuck = true;
        noteMissing(this.missing, need.client, need.clock);
      }
      track.isActive = false;
      stack.pop();
    }
  }

  #canMove(track: Track): boolean {
    return !track.isActive && !track.isStuck && track.reached < track.target;
  }

  /** Moves until `goal` is passed or something is needed that is not there yet. */
  #advance(track: Track, goal: number): Need | undefined {
    const { references } = track.section;
    while (track.reached <= goal && track.reached < track.target) {
      const next = track.row < references.length ? (references[track.row] as number) : track.target;
      if (next > track.reached) {
        this.#moveTo(track, Math.min(next, track.target));
        continue;
      }
      const need = this.#unmetAt(track);
      if (need !== undefined) return need;
      track.row += 4;
    }
    return undefined;
  }

  /** What the current row needs and is not there. Rows of known structs need nothing. */
  #unmetAt(track: Track): Need | undefined {
    const { references } = track.section;
    if ((references[track.row + 1] as number) <= track.known) return undefined;
    const client = references[track.row + 2] as number;
    const clock = references[track.row + 3] as number;
    const reached = this.#tracks.get(client)?.reached ?? this.#known(client);
    return reached > clock ? undefined : { client, clock };
  }

  #moveTo(track: Track, clock: number): void {
    this.#onRun(track.section.client, track.reached, clock);
    track.reached = clock;
  }
}

const ignoreRun: OnRun = () => {};

/** `onRun` hears what can be taken in, in an order in which each part only needs what came before it. */
export const reachOf = (scan: UpdateScan, known: (client: number) => number, onRun: OnRun = ignoreRun): Reach =>
  new Search(scan, known, onRun).run();
