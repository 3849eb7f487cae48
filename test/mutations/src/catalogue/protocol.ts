/** Bugs of what is known of a room, and of the scan of updates. */

import type { Mutation } from "../mutation.ts";

const hostile = "packages/protocol/test/hostile.test.ts";
const known = "packages/protocol/test/known-state.test.ts";

export const protocolMutations: readonly Mutation[] = [
  {
    id: "deletes-invisible",
    of: "SCH-15",
    brings: "an update that only deletes is nothing new: it is never stored and never passed on",
    file: "packages/protocol/src/update/known-state.ts",
    find: "const hasNew = hasNewStructs || !freshDeletes.isEmpty;",
    replace: "const hasNew = hasNewStructs;",
    caughtBy: { file: known, title: "[SCH-15] [WIRE-13] an update that only deletes is new once" },
  },
  {
    id: "every-delete-set-new",
    of: "SCH-15",
    brings: "a delete set that is known already counts as new: a ring of relays echoes for ever",
    file: "packages/protocol/src/update/known-state.ts",
    find: "const unknown = scan.deletes.subtract(this.#deletes);",
    replace: "const unknown = scan.deletes;",
    caughtBy: { file: known, title: "[SCH-15] [WIRE-13] a ring of relays that pass on what is new comes to rest" },
  },
  {
    id: "long-run-refused",
    of: "SCH-16",
    brings: "an honest first sync of many writes in one struct is refused for its jump",
    file: "packages/protocol/src/update/struct-reader.ts",
    find: 'if (clock + this.length > this.#bounds.clockMax) reader.refuse("clock_too_high");',
    replace:
      'if (this.length > 10_000 || clock + this.length > this.#bounds.clockMax) reader.refuse("clock_too_high");',
    caughtBy: {
      file: "packages/relay/test/admission.test.ts",
      title: "[SCH-16] accepts 20,000 writes in one run at first sync",
    },
  },
  {
    id: "skip-refused",
    of: "SCH-16",
    brings: "a gap in a sync answer counts as an attack",
    file: "packages/protocol/src/update/struct-reader.ts",
    find: 'if (this.info !== this.kind) reader.refuse("bad_struct");',
    replace: 'if (this.info !== this.kind || this.kind === structKind.skip) reader.refuse("bad_struct");',
    caughtBy: { file: known, title: "[SCH-16] a skip is a gap" },
  },
  {
    id: "deletes-the-future",
    of: "SCH-17",
    brings: "a delete set over clocks that nobody has written yet destroys the work to come",
    file: "packages/protocol/src/update/known-state.ts",
    find: "freshDeletes: unknown.clip((client) => ({ from: 0, to: clockAfter(client) })),",
    replace: "freshDeletes: unknown.clip(() => ({ from: 0, to: Number.MAX_SAFE_INTEGER })),",
    caughtBy: { file: known, title: "[SCH-17] [WIRE-14] a 12-byte delete set over all clocks of an unseen client" },
  },
  {
    id: "pending-counts-as-known",
    of: "SCH-17",
    brings: "a first push that refers to what nobody has counts as known, and stays pending in every client",
    file: "packages/protocol/src/update/reach.ts",
    find: "return reached > clock ? undefined : { client, clock };",
    replace: "return reached > clock || clock >= 0 ? undefined : { client, clock };",
    caughtBy: { file: known, title: "[SCH-17] [WIRE-14] a first push at clock 0 whose origin is not there" },
  },
  {
    id: "clock-jump-accepted",
    of: "F-24",
    brings: "a few bytes move a client's clock to 2^50",
    file: "packages/protocol/src/update/struct-reader.ts",
    find: 'if (clock + this.length > this.#bounds.clockMax) reader.refuse("clock_too_high");',
    replace: "",
    caughtBy: { file: hostile, title: "[WIRE-10] with runs or clocks beyond what Yjs can count are refused" },
  },
  {
    id: "trailing-bytes-accepted",
    of: "F-23",
    brings: "bytes behind the end of an update are stored and passed on",
    file: "packages/protocol/src/update/scan.ts",
    find: 'if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");',
    replace: "",
    caughtBy: { file: hostile, title: "[WIRE-10] with counts that their bytes cannot hold" },
  },
  {
    id: "absurd-count-believed",
    of: "F-23",
    brings: "an update of a few bytes claims billions of structs, and the reader believes it",
    file: "packages/protocol/src/update/content.ts",
    find: 'if (count * (isKeyed ? 2 : 1) > reader.remaining) reader.refuse("absurd_run");',
    replace: "",
    caughtBy: { file: hostile, title: "[WIRE-10] with counts that their bytes cannot hold" },
  },
];
