/** What the relay's process and its worker for whole documents say to each other. */

import type { TakenApart } from "@context-mesh/relay";

export type ContextFormat = "yaml" | "json";

export type BulkTask =
  | { readonly id: number; readonly kind: "take-apart"; readonly update: Uint8Array }
  | { readonly id: number; readonly kind: "compact"; readonly updates: readonly Uint8Array[] }
  | {
      readonly id: number;
      readonly kind: "context";
      readonly updates: readonly Uint8Array[];
      readonly format: ContextFormat;
    };

export type BulkAnswer =
  | { readonly id: number; readonly kind: "taken-apart"; readonly taken: TakenApart }
  | { readonly id: number; readonly kind: "compact"; readonly base: Uint8Array | undefined }
  | { readonly id: number; readonly kind: "context"; readonly body: string }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
