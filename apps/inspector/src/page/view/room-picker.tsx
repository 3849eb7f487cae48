/** Without a room in the address: which ones there are, or a name to type. */

import { useEffect, useState } from "preact/hooks";
import { listOf, textOf } from "../../model/read.ts";
import { askRelay } from "../data/relay-api.ts";
import { setToken } from "../state/session.ts";

type Rooms =
  | { readonly kind: "loading" }
  | { readonly kind: "known"; readonly names: readonly string[] }
  | { readonly kind: "failed"; readonly why: string; readonly wantsToken: boolean };

const addressOf = (name: string): string => `?${new URLSearchParams({ room: name })}`;

const openTyped = (event: SubmitEvent): void => {
  event.preventDefault();
  const name = String(new FormData(event.currentTarget as HTMLFormElement).get("room") ?? "").trim();
  if (name !== "") location.search = addressOf(name);
};

const Known = ({ rooms }: { rooms: Rooms }) => {
  if (rooms.kind === "loading") return <p class="empty">Asking the relay …</p>;
  if (rooms.kind === "failed") return <p role="alert">{rooms.why}</p>;
  if (rooms.names.length === 0) return <p class="empty">No rooms yet: one appears with its first write.</p>;
  return (
    <ul class="rooms">
      {rooms.names.map((name) => (
        <li key={name}>
          <a href={addressOf(name)}>{name}</a>
        </li>
      ))}
    </ul>
  );
};

export const RoomPicker = () => {
  const [rooms, setRooms] = useState<Rooms>({ kind: "loading" });
  const load = (): void => {
    askRelay("rooms", {}).then((answer) => {
      if (answer.ok) setRooms({ kind: "known", names: listOf(answer.data).map(textOf) });
      else setRooms({ kind: "failed", why: answer.message, wantsToken: answer.status === 401 });
    });
  };
  useEffect(load, []);
  const giveToken = (event: SubmitEvent): void => {
    event.preventDefault();
    setToken(String(new FormData(event.currentTarget as HTMLFormElement).get("secret") ?? ""));
    load();
  };
  return (
    <main class="picker">
      <h1>context-mesh</h1>
      <h2>Rooms on this relay</h2>
      <Known rooms={rooms} />
      {rooms.kind === "failed" && rooms.wantsToken && (
        <form class="inline-form" onSubmit={giveToken}>
          <label>
            Token <input type="password" name="secret" autocomplete="off" />
          </label>
          <button type="submit">Try again</button>
        </form>
      )}
      <form class="inline-form" onSubmit={openTyped}>
        <label>
          Another room <input name="room" maxLength={256} required spellcheck={false} autocomplete="off" />
        </label>
        <button type="submit" class="primary">
          Open
        </button>
      </form>
    </main>
  );
};
