/** What the demo's main process and its agents say to each other, and the receipts that agents put on disk. */

export type AgentCommand =
  | { readonly do: "edit"; readonly from: number; readonly count: number; readonly paceMs: number }
  | { readonly do: "write"; readonly path: string; readonly value: string }
  | { readonly do: "import"; readonly file: string }
  | { readonly do: "report" }
  | { readonly do: "settle"; readonly timeoutMs: number }
  | { readonly do: "leave" };

export interface AgentReport {
  readonly agent: string;
  readonly digest: string;
  readonly fingerprint: string;
  readonly queued: number;
  readonly unconfirmed: number;
  readonly conflicts: number;
  readonly liveRelays: number;
  readonly written: number;
  readonly acknowledged: number;
}

export type AgentAnswer =
  | { readonly is: "ready" }
  | { readonly is: "done"; readonly of: AgentCommand["do"]; readonly report: AgentReport }
  | { readonly is: "failed"; readonly of: string; readonly message: string };

/** One line of a receipts file, fsynced by the agent once a relay said that the write is on its disk. */
export interface ReceiptLine {
  readonly agent: string;
  readonly path: string;
  readonly value: string;
  readonly id: string;
  readonly relays: readonly string[];
}
