/** Keeps what happens on a connection before somebody handles it, and hands it over in order. */

import type { ConnectionHandlers } from "@context-mesh/ports";

export class EarlyEvents {
  #handlers: ConnectionHandlers | undefined;
  #messages: Uint8Array[] = [];
  #bytes = 0;
  #closed: { readonly code: number; readonly reason: string } | undefined;
  #closeDelivered = false;

  /** Bytes of messages that nobody has taken yet. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  handle(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    for (const message of messages) handlers.onMessage(message);
    this.#deliverClose();
  }

  message(bytes: Uint8Array): void {
    if (this.#handlers !== undefined) {
      this.#handlers.onMessage(bytes);
      return;
    }
    this.#messages.push(bytes);
    this.#bytes += bytes.length;
  }

  /** The first call counts, later ones are ignored. */
  close(code: number, reason: string): void {
    this.#closed ??= { code, reason };
    this.#deliverClose();
  }

  drain(): void {
    if (!this.#closeDelivered) this.#handlers?.onDrain?.();
  }

  #deliverClose(): void {
    if (this.#handlers === undefined || this.#closed === undefined || this.#closeDelivered) return;
    this.#closeDelivered = true;
    this.#handlers.onClose(this.#closed.code, this.#closed.reason);
  }
}
