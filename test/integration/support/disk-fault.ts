/** A disk that fails for a while: system calls of a running process return an error, put there by strace, until it lets go. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

export class DiskFault {
  readonly #strace: ChildProcess;

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
  }

  /** Why there can be none here; undefined where there can. */
  static missing(): string | undefined {
    return spawnSync("strace", ["-V"], { stdio: "ignore" }).status === 0 ? undefined : "because strace is not there";
  }

  /** From here on every one of the `calls` fails with `error`, in every thread of the process. */
  static async begin(pid: number, calls: readonly string[], error: "EIO" | "ENOSPC"): Promise<DiskFault> {
    const names = calls.join(",");
    const args = ["-f", "-p", String(pid), "-e", `trace=${names}`, "-e", `inject=${names}:error=${error}`];
    const strace = spawn("strace", [...args, "-o", "/dev/null"], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    const attached = new Promise<void>((resolve, reject) => {
      strace.stderr.on("data", (text: Buffer) => {
        said += text.toString();
        if (/attached/.test(said)) resolve();
      });
      strace.once("exit", () => reject(new Error(`strace ended: ${said}`)));
    });
    await attached;
    return new DiskFault(strace);
  }

  /** The disk works again. strace lets go of the process when it is told to end. */
  async end(): Promise<void> {
    if (this.#strace.exitCode !== null || this.#strace.signalCode !== null) return;
    const gone = once(this.#strace, "exit");
    this.#strace.kill("SIGTERM");
    await gone;
  }
}
