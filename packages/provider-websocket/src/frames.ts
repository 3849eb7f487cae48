/**
 * WebSocket frames of a server (RFC 6455 §5.2: binary, final, not masked), built once and shared by every connection that
 * sends the same message or the same list of messages. Who is not sent all of a list gets the runs between what is left out.
 */

/** Payloads above this go out beside their header instead of being copied behind it. */
const copyBytesMax = 16 * 2 ** 10;

export const headerLength = (length: number): number => (length < 126 ? 2 : length < 2 ** 16 ? 4 : 10);

export const writeHeader = (into: Buffer, at: number, length: number): void => {
  into[at] = 0x82;
  if (length < 126) {
    into[at + 1] = length;
    return;
  }
  into[at + 1] = length < 2 ** 16 ? 126 : 127;
  if (length < 2 ** 16) into.writeUInt16BE(length, at + 2);
  else into.writeBigUInt64BE(BigInt(length), at + 2);
};

/** The pieces to write, in order. */
export type Frames = readonly Uint8Array[];

/** The list without the places named, which ascend. */
export const without = (messages: readonly Uint8Array[], places: readonly number[]): readonly Uint8Array[] => {
  if (places.length === 0) return messages;
  let next = 0;
  return messages.filter((_, at) => {
    if (places[next] !== at) return true;
    next += 1;
    return false;
  });
};

/** Frames of small messages, one behind the other; `starts` has one place more than there are messages. */
interface Joined {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

const join = (messages: readonly Uint8Array[]): Joined => {
  const starts = [0];
  for (const { length } of messages) starts.push((starts.at(-1) as number) + headerLength(length) + length);
  const bytes = Buffer.allocUnsafe(starts.at(-1) as number);
  messages.forEach((message, i) => {
    const at = starts[i] as number;
    writeHeader(bytes, at, message.length);
    bytes.set(message, at + headerLength(message.length));
  });
  return { bytes, starts };
};

const framesOf = (messages: readonly Uint8Array[]): Frames => {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    if (small.length > 0) pieces.push(join(small).bytes);
    small = [];
  };
  for (const message of messages) {
    if (message.length <= copyBytesMax) {
      small.push(message);
      continue;
    }
    flush();
    const header = Buffer.allocUnsafe(headerLength(message.length));
    writeHeader(header, 0, message.length);
    pieces.push(header, message);
  }
  flush();
  return pieces;
};

/** The bytes between the places left out, in one piece: a write costs more than the copy. */
const runsOf = ({ bytes, starts }: Joined, except: readonly number[]): Frames => {
  let left = 0;
  for (const place of except) left += (starts[place + 1] as number) - (starts[place] as number);
  const rest = Buffer.allocUnsafe(bytes.length - left);
  let [from, at] = [0, 0];
  for (const place of [...except, starts.length - 1]) {
    const to = starts[place] as number;
    if (to > from) at += bytes.copy(rest, at, from, to);
    from = starts[place + 1] ?? to;
  }
  return [rest];
};

interface List {
  readonly messages: readonly Uint8Array[];
  readonly joined: Joined | undefined;
  readonly frames: Frames;
}

const listOf = (messages: readonly Uint8Array[]): List => {
  const isSmall = messages.every(({ length }) => length <= copyBytesMax);
  const joined = isSmall ? join(messages) : undefined;
  return { messages, joined, frames: joined === undefined ? framesOf(messages) : [joined.bytes] };
};

/**
 * Remembers the last message and the last list: a fan-out asks for the same one again and again. What was built for a list
 * stays for as long as somebody holds the list, as a room does of what it sends to joiners.
 */
export class FrameCache {
  #message: Uint8Array | undefined;
  #messageFrames: Frames = [];
  #list: List | undefined;
  readonly #lists = new WeakMap<readonly Uint8Array[], List>();

  of(message: Uint8Array): Frames {
    if (this.#message !== message) {
      this.#message = message;
      this.#messageFrames = framesOf([message]);
    }
    return this.#messageFrames;
  }

  ofList(messages: readonly Uint8Array[], except: readonly number[] = []): Frames {
    const list = this.#list?.messages === messages ? this.#list : this.#known(messages);
    this.#list = list;
    if (except.length === 0) return list.frames;
    const { joined } = list;
    return joined === undefined ? framesOf(without(messages, except)) : runsOf(joined, except);
  }

  /** Lets go of what it remembers; called at the end of a turn. */
  clear(): void {
    this.#message = undefined;
    this.#messageFrames = [];
    this.#list = undefined;
  }

  #known(messages: readonly Uint8Array[]): List {
    const known = this.#lists.get(messages);
    if (known !== undefined) return known;
    const list = listOf(messages);
    // Of a single message there is little to build; to remember it costs more.
    if (messages.length > 1) this.#lists.set(messages, list);
    return list;
  }
}
