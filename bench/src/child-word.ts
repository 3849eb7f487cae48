/** What a child process says over its channel. */

import type { ChildProcess } from "node:child_process";

/** The next message that is the one waited for; rejects when the child ends before it. */
export const wordOf = <M>(child: ChildProcess, isIt: (message: M) => boolean, what: string): Promise<M> =>
  new Promise((resolve, reject) => {
    const done = (then: () => void): void => {
      child.off("message", onMessage);
      child.off("disconnect", onEnd);
      then();
    };
    const onMessage = (message: unknown): void => {
      if (isIt(message as M)) done(() => resolve(message as M));
    };
    const onEnd = (): void => done(() => reject(new Error(`the process ended before it said ${what}`)));
    child.on("message", onMessage);
    // Not its exit, which a busy parent may hear of before the last message.
    child.on("disconnect", onEnd);
  });
