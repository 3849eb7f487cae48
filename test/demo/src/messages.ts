/** What the demo's main process and its agents say to each other, and the receipts that agents put on disk. */

/** The group that builder and reviewer are in. */
export const makers = "makers";

/** The task that two claim at once. */
export const contested = "who-takes-it";

export type AgentCommand =
  | { readonly do: "edit"; readonly from: number; readonly count: number; readonly paceMs: number }
  | { readonly do: "write"; readonly path: string; readonly value: string }
  | { readonly do: "import"; readonly file: string }
  | { readonly do: "report" }
  | { readonly do: "task"; readonly id: string }
  | { readonly do: "claim"; readonly task: string }
  | { readonly do: "show-status"; readonly agent: string; readonly status: string }
  | { readonly do: "send"; readonly to: string; readonly text: string }
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
  /** The owner of each claimed task, as this agent sees it. */
  readonly owners: Readonly<Record<string, string>>;
  /** Claims of its own that it was told are lost, and to whom. */
  readonly lost: Readonly<Record<string, string>>;
  /** Texts of the messages that reached it, each as often as it came. */
  readonly heard: readonly string[];
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
