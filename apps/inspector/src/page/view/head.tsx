/** The head: which room, finding things, who you are, light or dark. */

import { person, room, setTheme, type Theme, theme } from "../state/session.ts";
import { wantsName } from "../state/writes.ts";
import { overlay } from "./overlay.ts";

const nextTheme: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };
const themeWords: Readonly<Record<Theme, string>> = { auto: "Auto", light: "Light", dark: "Dark" };

export const Head = () => (
  <header class="head">
    <h1>
      <a href="#/" class="brand">
        <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true" class="mark">
          <path d="M8 9 24 9 16 24z" />
          <circle cx="8" cy="9" r="4" />
          <circle cx="24" cy="9" r="4" />
          <circle cx="16" cy="24" r="4" />
        </svg>
        <span class="room" title={room.value}>
          {room.value}
        </span>
      </a>
    </h1>
    <a class="quiet-link" href="./" title="Another room">
      Rooms
    </a>
    <span class="grow" />
    <button type="button" class="search-button" onClick={() => (overlay.value = "palette")}>
      <span>Search</span> <kbd>Ctrl K</kbd>
    </button>
    <button type="button" class="quiet you" onClick={() => (wantsName.value = () => undefined)}>
      {person.value === "" ? "Say who you are" : `You: ${person.value}`}
    </button>
    <button type="button" class="quiet" onClick={() => setTheme(nextTheme[theme.value])}>
      <span aria-hidden="true">◐ </span>
      <span class="visually-hidden">Theme: </span>
      {themeWords[theme.value]}
    </button>
    <button type="button" class="quiet" aria-label="Keys" onClick={() => (overlay.value = "help")}>
      ?
    </button>
  </header>
);
