/** A relay process that is attacked: what a hostile test needs around it. */

import { temporaryFolder } from "@context-mesh/testkit";
import { expect } from "vitest";
import { HandClient } from "../../fuzz/src/hand-client.ts";
import { inRoot } from "../../fuzz/src/hostile-bytes.ts";
import { WatchedRelay } from "../../fuzz/src/watched-relay.ts";

/**
 * In processor time of the loop's thread. REL-4a bounds it at 50 ms, which `npm run bench -- fuzz` measures and records; here
 * other tests share the caches of two cores, so this only tells a bounded turn from one that grows with the attack.
 */
const stallMsMax = 250;

export class UnderFire {
  readonly #folder = temporaryFolder();
  readonly relay = new WatchedRelay(this.#folder.path);
  #honest: HandClient | undefined;
  #written = 0;
  #starts = 0;

  async start(): Promise<void> {
    await this.relay.start();
    this.#written = 0;
    this.#starts += 1;
    this.#honest = await HandClient.open(this.relay.port, `honest-${this.#starts}`, "honest");
    await this.#honest.settled();
    await this.relay.report("reset");
  }

  get port(): number {
    return this.relay.port;
  }

  /** The relay lives, never stood still for long, and somebody honest is acknowledged. */
  async stillServes(): Promise<void> {
    const honest = this.#honest as HandClient;
    honest.send(inRoot(4_711, this.#written, "h"));
    this.#written += 1;
    await honest.settled();
    const { busyMs } = await this.relay.report();
    await this.relay.report("reset");
    expect(busyMs).toBeLessThan(stallMsMax);
  }

  async count(place: string, reason: string): Promise<number> {
    const metrics = await this.relay.metrics();
    return metrics.get(`refusals{place="${place}",reason="${reason}"}`) ?? Number.NaN;
  }

  async stop(): Promise<void> {
    this.#honest?.socket.destroy();
    await this.relay.stop();
  }

  remove(): void {
    this.#folder.remove();
  }
}
