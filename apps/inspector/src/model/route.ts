/** Addresses inside the page: `#/task/task-12?at=…`. Every entity and every moment has one. */

const viewNames = [
  "overview",
  "board",
  "agents",
  "conflicts",
  "decisions",
  "talk",
  "messages",
  "history",
  "sync",
  "document",
  "topology",
  "task",
] as const;

export type ViewName = (typeof viewNames)[number];

/** Views with a place of their own in the navigation; a task is reached from where it is shown. */
export const listedViews: readonly ViewName[] = viewNames.filter((view) => view !== "task");

export interface Route {
  readonly view: ViewName;
  /** The entity that is looked at, if one is. */
  readonly id: string | undefined;
  /** A place in the relay's log or a time; undefined is now. */
  readonly at: string | undefined;
  readonly query: string;
}

const isView = (name: string): name is ViewName => (viewNames as readonly string[]).includes(name);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Anything that is no address of ours is the overview. */
export const parseRoute = (hash: string): Route => {
  const [path = "", search = ""] = hash.replace(/^#/, "").split("?", 2);
  const [, name = "", ...rest] = path.split("/");
  const parameters = new URLSearchParams(search);
  const id = rest.length === 0 ? "" : decoded(rest.join("/"));
  return {
    view: isView(name) ? name : "overview",
    id: id === "" ? undefined : id,
    at: parameters.get("at") ?? undefined,
    query: parameters.get("q") ?? "",
  };
};

export const formatRoute = ({ view, id, at, query }: Route): string => {
  const parameters = new URLSearchParams();
  if (at !== undefined) parameters.set("at", at);
  if (query !== "") parameters.set("q", query);
  const path = view === "overview" ? "#/" : `#/${view}${id === undefined ? "" : `/${encodeURIComponent(id)}`}`;
  const search = parameters.toString();
  return search === "" ? path : `${path}?${search}`;
};

export const linkTo = (view: ViewName, id?: string, at?: string): string =>
  formatRoute({ view, id: id === "" ? undefined : id, at, query: "" });

/** The token of an address such as `#token=…`, and the address without it. */
export const takeToken = (hash: string): { readonly token: string | undefined; readonly hash: string } => {
  const match = /(^#|[?&#])token=([^&]*)&?/.exec(hash);
  if (match === null) return { token: undefined, hash };
  const rest = (hash.slice(0, match.index) + match[1] + hash.slice(match.index + match[0].length)).replace(
    /[?&#]$/,
    "",
  );
  return { token: decoded(match[2] ?? ""), hash: rest };
};
