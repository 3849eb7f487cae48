// The inspector's first page: reads the context of one room from the relay that served it and shows it as text.
// What agents write reaches the page through textContent only. The token comes from the fragment (#token=…), which
// browsers never send, and goes out as a header.

import { itemView, sectionsOf } from "./view.js";

const refreshMs = 2_000;

const element = (id) => document.getElementById(id);

const parameters = () => ({
  room: new URLSearchParams(location.search).get("room") ?? "",
  token: new URLSearchParams(location.hash.slice(1)).get("token") ?? "",
});

const say = (state, text) => {
  const status = element("status");
  status.dataset.state = state;
  if (status.textContent !== text) status.textContent = text;
};

const paragraph = (text, className) => {
  const node = document.createElement("p");
  node.textContent = text;
  if (className !== undefined) node.className = className;
  return node;
};

const listItem = ({ title, meta }) => {
  const item = document.createElement("li");
  item.append(paragraph(title));
  if (meta !== "") item.append(paragraph(meta, "meta"));
  return item;
};

const showList = (id, views) => {
  element(id).replaceChildren(...views.map(listItem));
  const count = element(`${id}-count`);
  if (count !== null) count.textContent = `(${views.length})`;
};

const showState = (pairs) => {
  const nodes = pairs.map(([name, value]) => {
    const group = document.createElement("div");
    const term = document.createElement("dt");
    term.textContent = name;
    const detail = document.createElement("dd");
    detail.textContent = value;
    group.append(term, detail);
    return group;
  });
  element("state").replaceChildren(...nodes);
};

const show = (context, conflicts) => {
  const sections = sectionsOf(context);
  showState(sections.state);
  for (const [id, items] of Object.entries(sections.lists)) showList(id, items);
  showList(
    "conflicts",
    conflicts.map((conflict) => itemView.conflict(conflict)),
  );
};

const clear = () => show({}, []);

// The last answer of each address: unchanged ones come back as 304 and are not shown again.
const seen = new Map();

const fetchText = async (address, token) => {
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  const known = seen.get(address);
  if (known !== undefined) headers["if-none-match"] = known.tag;
  const response = await fetch(address, { headers, cache: "no-store" });
  if (response.status === 304) return { status: 200, text: known.text, isNew: false };
  const text = await response.text();
  const tag = response.headers.get("etag");
  if (response.ok && tag !== null) seen.set(address, { tag, text });
  return { status: response.status, text, isNew: true };
};

const refusals = {
  401: "✗ The relay refused the token: add #token=… to the address.",
  403: "✗ The relay does not answer pages from this address.",
  404: "• The relay knows no such room yet. It appears with its first write.",
};

const refresh = async (room, token) => {
  const query = `room=${encodeURIComponent(room)}`;
  const [context, conflicts] = await Promise.all([
    fetchText(`v1/context?${query}&format=json`, token),
    fetchText(`v1/conflicts?${query}`, token),
  ]);
  if (context.status !== 200) {
    clear();
    say(
      context.status === 404 ? "waiting" : "failed",
      refusals[context.status] ?? `✗ The relay answered ${context.status}.`,
    );
    return;
  }
  if (context.isNew || conflicts.isNew) {
    show(
      JSON.parse(context.text).shared_context ?? {},
      conflicts.status === 200 ? JSON.parse(conflicts.text).data : [],
    );
  }
  say("live", `✓ Live: ${room}`);
};

const run = async () => {
  for (;;) {
    const { room, token } = parameters();
    if (room === "") say("waiting", "• Name a room to see its context.");
    else {
      await refresh(room, token).catch(() => {
        seen.clear();
        say("failed", "✗ The relay does not answer. What you see may be old; trying again.");
      });
    }
    await new Promise((resolve) => setTimeout(resolve, refreshMs));
  }
};

const suggestRooms = async () => {
  const { token } = parameters();
  const { status, text } = await fetchText("v1/rooms", token);
  if (status !== 200) return;
  const options = JSON.parse(text).data.map((room) => {
    const option = document.createElement("option");
    option.value = room;
    return option;
  });
  element("rooms").replaceChildren(...options);
};

element("room").value = parameters().room;
element("room-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const address = new URL(location.href);
  address.searchParams.set("room", element("room").value);
  location.assign(address);
});
addEventListener("hashchange", () => seen.clear());
suggestRooms().catch(() => {});
run();
