/** Where in the page the person is: the fragment of the address, as a signal. */

import { signal } from "@preact/signals";
import { formatRoute, parseRoute, type Route } from "../../model/route.ts";
import { readToken } from "./session.ts";

export const route = signal<Route>(parseRoute(location.hash));

const read = (): void => {
  readToken();
  route.value = parseRoute(location.hash);
};

export const followAddress = (): void => {
  read();
  addEventListener("hashchange", read);
};

export const go = (address: string): void => {
  location.hash = address;
};

/** The same place with something changed, without a new entry in the browser's history. */
export const refine = (change: Partial<Route>): void => {
  const next = { ...route.value, ...change };
  history.replaceState(null, "", `${location.pathname}${location.search}${formatRoute(next)}`);
  route.value = next;
};
