/** What a process did to the files of one folder, read from a trace of its system calls: the order in which a disk was told things. */

export type DiskEvent =
  | { readonly kind: "create"; readonly path: string; readonly truncates: boolean }
  | { readonly kind: "write"; readonly path: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly path: string; readonly length: number }
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }
  | { readonly kind: "unlink"; readonly path: string }
  /** The process said on its standard output that something is safe. */
  | { readonly kind: "told"; readonly text: string };

/** The calls that change what a file holds, or promise that it is held. */
export const tracedCalls =
  "openat,pwrite64,write,pwritev,writev,ftruncate,fallocate,fdatasync,fsync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat";

const hexText = (text: string): Buffer => Buffer.from(text.replaceAll("\\x", ""), "hex");

interface Call {
  readonly name: string;
  readonly args: string;
  readonly result: number;
}

/** A call of another thread may begin while one is at work; strace then cuts the line in two. */
function* callsOf(trace: string): Generator<Call> {
  const begun = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest);
    if (unfinished !== null) {
      begun.set(pid, unfinished[1] as string);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const whole = resumed === null ? rest : `${begun.get(pid) ?? ""}${resumed[1]}`;
    const [, name, args, result] = /^(\w+)\((.*)\) += (-?\d+)/.exec(whole) ?? [];
    if (name !== undefined && Number(result) >= 0) yield { name, args: args as string, result: Number(result) };
  }
}

const fdPath = (args: string): string | undefined => /^\d+<([^>]*)>/.exec(args)?.[1];
const quoted = (args: string): string[] =>
  [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => hex as string);

const notUnderstood = ({ name, args }: Call): Error =>
  new Error(`not part of the model: ${name}(${args.slice(0, 200)})`);

/** `isOurs` says which files belong to the store; shared memory does not survive a cut and is left out by it. */
export const diskEvents = (trace: string, isOurs: (path: string) => boolean): readonly DiskEvent[] => {
  const events: DiskEvent[] = [];
  for (const call of callsOf(trace)) {
    const event = eventOf(call, isOurs);
    if (event !== undefined) events.push(event);
  }
  return events;
};

const eventOf = (call: Call, isOurs: (path: string) => boolean): DiskEvent | undefined => {
  const { name, args } = call;
  if (name === "write" && args.startsWith("1<"))
    return { kind: "told", text: hexText(quoted(args)[0] ?? "").toString() };
  const names = quoted(args).map((hex) => hexText(hex).toString());
  const path = fdPath(args) ?? names[0] ?? "";
  if (name === "openat") return opened(args, names[0] ?? "", isOurs);
  if (name.startsWith("rename")) {
    const [from = "", to = ""] = names;
    return isOurs(from) ? { kind: "rename", path: from, to } : undefined;
  }
  if (name.startsWith("unlink"))
    return isOurs(names[0] ?? "") ? { kind: "unlink", path: names[0] as string } : undefined;
  if (!isOurs(path)) return undefined;
  const numbers = args.split(/, /).slice(-2).map(Number);
  switch (name) {
    case "pwrite64":
      return { kind: "write", path, offset: numbers[1] as number, bytes: hexText(quoted(args)[0] ?? "") };
    case "ftruncate":
      return { kind: "truncate", path, length: numbers[1] as number };
    case "fdatasync":
    case "fsync":
      return { kind: "sync", path };
    default:
      throw notUnderstood(call);
  }
};

const opened = (args: string, path: string, isOurs: (path: string) => boolean): DiskEvent | undefined =>
  args.includes("O_CREAT") && isOurs(path) ? { kind: "create", path, truncates: args.includes("O_TRUNC") } : undefined;
