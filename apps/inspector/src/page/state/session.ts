/** What the page was opened with and what this browser remembers: room, token, the person's name, the theme. */

import { signal } from "@preact/signals";
import { takeToken } from "../../model/route.ts";

export type Theme = "auto" | "light" | "dark";

/** Storage may be switched off; then nothing is remembered and everything else works. */
const remembered = (storage: () => Storage, name: string): string => {
  try {
    return storage().getItem(name) ?? "";
  } catch {
    return "";
  }
};

export const remember = (storage: () => Storage, name: string, value: string): boolean => {
  try {
    if (value === "") storage().removeItem(name);
    else storage().setItem(name, value);
    return true;
  } catch {
    return false;
  }
};

const local = (): Storage => localStorage;
const perTab = (): Storage => sessionStorage;
const names = { token: "context-mesh token", person: "context-mesh name", theme: "context-mesh theme" } as const;

export const room = signal(new URLSearchParams(location.search).get("room") ?? "");
export const token = signal("");
export const person = signal(remembered(local, names.person));
export const theme = signal<Theme>("auto");

/** The token leaves the address bar at once, so that copying a link does not copy it; the tab keeps it for reloads. */
export const readToken = (): void => {
  const taken = takeToken(location.hash);
  if (taken.token !== undefined) {
    remember(perTab, names.token, taken.token);
    history.replaceState(null, "", `${location.pathname}${location.search}${taken.hash}`);
  }
  token.value = taken.token ?? remembered(perTab, names.token);
};

export const setToken = (value: string): void => {
  remember(perTab, names.token, value);
  token.value = value;
};

export const setPerson = (name: string): void => {
  remember(local, names.person, name);
  person.value = name;
};

export const setTheme = (value: Theme): void => {
  remember(local, names.theme, value === "auto" ? "" : value);
  theme.value = value;
  if (value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
};

export const readTheme = (): void => {
  const value = remembered(local, names.theme);
  setTheme(value === "light" || value === "dark" ? value : "auto");
};
