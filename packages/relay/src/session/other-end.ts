/** What is known of the other end of a connection: what its hello says, and whether it still owes one. Time is an argument. */

import type { Hello } from "@context-mesh/protocol";

export interface OtherEndOptions {
  readonly order: number;
  /** A link that we dialled. */
  readonly isPeer: boolean;
  /** It offered the subprotocol and is greeted by us. */
  readonly isGreeted: boolean;
  readonly helloMs: number;
}

export class OtherEnd {
  readonly #options: OtherEndOptions;
  #hello: Hello | undefined;
  /** When it could first be heard: the room is loaded. Until then what it says waits unread. */
  #listeningMs: number | undefined;
  #hasSpoken = false;

  constructor(options: OtherEndOptions) {
    this.#options = options;
  }

  get hello(): Hello | undefined {
    return this.#hello;
  }

  get isPeer(): boolean {
    return this.#options.isPeer || this.#hello?.role === "relay";
  }

  /** For the log's stamps. */
  get label(): string {
    return this.isPeer && this.#hello !== undefined ? `peer:${this.#hello.id}` : `s${this.#options.order}`;
  }

  get agent(): string {
    return this.#hello?.agent ?? "";
  }

  /** Links carry everybody's presence, and stock clients name no groups. */
  get groups(): readonly string[] {
    return this.isPeer ? [] : (this.#hello?.groups ?? []);
  }

  /** True for the first one. */
  introduces(hello: Hello): boolean {
    const isFirst = this.#hello === undefined;
    this.#hello = hello;
    return isFirst;
  }

  spoke(): void {
    this.#hasSpoken = true;
  }

  listening(nowMs: number): void {
    this.#listeningMs ??= nowMs;
  }

  /** It was greeted, could be heard for a while, and speaks without having answered. */
  owesHello(nowMs: number): boolean {
    const { isGreeted, helloMs } = this.#options;
    if (!isGreeted || !this.#hasSpoken || this.#hello !== undefined) return false;
    return this.#listeningMs !== undefined && nowMs - this.#listeningMs >= helloMs;
  }
}
