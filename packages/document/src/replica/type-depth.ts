/**
 * Shared types that lie in one another. Our entries hold none, yet whoever may write can put some beside them, and Yjs deletes
 * what a type holds by calling itself: at some 4,000 levels its stack overflows in the midst of a transaction, after which
 * the document tells of no change any more. So nothing that lies too deep is taken in, however many updates it came with.
 */

import { limits } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";

type Struct = Y.Item | Y.GC;

/** A struct that has to be there before another, and how much deeper that one lies; undefined where that says nothing. */
interface Before {
  readonly struct: Struct;
  readonly levels: 0 | 1 | undefined;
}

/** Structs by client, in the order of their clocks. */
type Sections = ReadonlyMap<number, readonly Struct[]>;

const endOf = ({ id, length }: Struct): number => id.clock + length;

const sectionsOf = (structs: readonly (Y.Item | Y.GC | Y.Skip)[]): Sections => {
  const sections = new Map<number, Struct[]>();
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    const section = sections.get(struct.id.client);
    if (section === undefined) sections.set(struct.id.client, [struct]);
    else section.push(struct);
  }
  return sections;
};

const structAt = (section: readonly Struct[], clock: number): Struct | undefined => {
  let [low, high] = [0, section.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(section[middle] as Struct) <= clock) low = middle + 1;
    else high = middle;
  }
  const found = section[low];
  return found !== undefined && found.id.clock <= clock ? found : undefined;
};

/** Of what cannot be taken in: it lies too deep, or needs what does. */
const refused = Number.POSITIVE_INFINITY;

class Depths {
  readonly #doc: Y.Doc;
  readonly #sections: Sections;
  readonly #depths = new Map<Struct, number>();

  constructor(doc: Y.Doc, sections: Sections) {
    this.#doc = doc;
    this.#sections = sections;
  }

  /** Without calling itself: a chain may be as long as the update. A circle, which Yjs never integrates, counts for nothing. */
  of(start: Struct): number {
    const path = [start];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const before = this.#before(at);
      const next = before.find(({ struct }) => !this.#depths.has(struct))?.struct;
      // Open: whoever comes back here in a circle finds it known.
      if (!this.#depths.has(at)) this.#depths.set(at, 0);
      if (next !== undefined) path.push(next);
      else {
        this.#depths.set(at, this.#from(before));
        path.pop();
      }
    }
    return this.#known(start);
  }

  #from(before: readonly Before[]): number {
    let depth = 0;
    for (const { struct, levels } of before) {
      const other = this.#known(struct);
      if (other === refused) return refused;
      depth = Math.max(depth, levels === undefined ? 0 : other + levels);
    }
    return depth > limits.nestedTypesMax ? refused : depth;
  }

  #known(struct: Struct): number {
    return this.#depths.get(struct) ?? 0;
  }

  #before(struct: Struct): readonly Before[] {
    const { client, clock } = struct.id;
    const former = structAt(this.#sections.get(client) ?? [], clock - 1);
    const own: readonly Before[] = former === undefined ? [] : [{ struct: former, levels: undefined }];
    if (!(struct instanceof Y.Item)) return own;
    const { parent } = struct;
    if (parent instanceof Y.AbstractType) return parent._item === null ? [] : [{ struct: parent._item, levels: 1 }];
    const named = [parent instanceof Y.ID ? parent : null, struct.origin, struct.rightOrigin];
    const found = named.flatMap((id) => {
      const other = id === null ? undefined : this.#find(id);
      return other === undefined ? [] : [{ struct: other, levels: id === parent ? 1 : 0 } as const];
    });
    return [...own, ...found];
  }

  #find({ client, clock }: Y.ID): Struct | undefined {
    const here = structAt(this.#sections.get(client) ?? [], clock);
    return here ?? structAt(this.#doc.store.clients.get(client) ?? [], clock);
  }
}

/** Shared types in the document. */
export const countTypes = (doc: Y.Doc): number => {
  const isType = (struct: Struct): boolean => struct instanceof Y.Item && struct.content instanceof Y.ContentType;
  let count = 0;
  for (const structs of doc.store.clients.values()) for (const struct of structs) if (isType(struct)) count += 1;
  return count;
};

const encode = (
  sections: Sections,
  deletes: ReadonlyMap<number, readonly { readonly clock: number; readonly len: number }[]>,
): Uint8Array => {
  const encoder = new Y.UpdateEncoderV1();
  const { restEncoder } = encoder;
  encoding.writeVarUint(restEncoder, sections.size);
  for (const [client, section] of sections) {
    encoding.writeVarUint(restEncoder, section.length);
    encoder.writeClient(client);
    encoding.writeVarUint(restEncoder, section[0]?.id.clock ?? 0);
    for (const struct of section) struct.write(encoder, 0);
  }
  encoding.writeVarUint(restEncoder, deletes.size);
  for (const [client, ranges] of deletes) {
    for (const number of [client, ranges.length]) encoding.writeVarUint(restEncoder, number);
    for (const { clock, len } of ranges) for (const number of [clock, len]) encoding.writeVarUint(restEncoder, number);
  }
  return encoder.toUint8Array();
};

/** The update without what lies too deep and what builds on that, or undefined when nothing does. It has no skipped parts. */
export const withoutTooDeep = (doc: Y.Doc, update: Uint8Array): Uint8Array | undefined => {
  const { structs, ds } = Y.decodeUpdate(update);
  const sections = sectionsOf(structs);
  const depths = new Depths(doc, sections);
  const ends = new Map<number, number>();
  for (const [client, section] of sections) {
    const first = section.find((struct) => depths.of(struct) === refused);
    if (first !== undefined) ends.set(client, first.id.clock);
  }
  if (ends.size === 0) return undefined;
  const endFor = (client: number): number => ends.get(client) ?? Number.POSITIVE_INFINITY;
  const kept = [...sections].map(
    ([client, section]) => [client, section.filter(({ id }) => id.clock < endFor(client))] as const,
  );
  const deletes = [...ds.clients].map(([client, ranges]) => {
    const clipped = ranges.map(({ clock, len }) => ({ clock, len: Math.min(len, endFor(client) - clock) }));
    return [client, clipped.filter(({ len }) => len > 0)] as const;
  });
  return encode(filled(kept), filled(deletes));
};

const filled = <T>(lists: readonly (readonly [number, readonly T[]])[]): ReadonlyMap<number, readonly T[]> =>
  new Map(lists.filter(([, list]) => list.length > 0));
