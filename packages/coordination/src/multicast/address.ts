/** Whom a message is for: `agent:builder`, `group:backend`, `role:reviewer`, `topic:releases`, `capability:gpu`, `region:eu/west`, or `*`. */

import { err, limits, ok, type Result } from "@context-mesh/common";

const namedKinds = ["agent", "group", "role", "topic", "capability", "region"] as const;
type NamedKind = (typeof namedKinds)[number];

export type Address = { readonly kind: NamedKind; readonly name: string } | { readonly kind: "everyone" };

/** What an agent says of itself, as far as addresses are concerned. */
export interface Profile {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  /** Topics it wants to hear of. */
  readonly topics: readonly string[];
  /** A path from the large to the small: `eu/west`. */
  readonly region: string | undefined;
}

export const everyone = "*";

const isNamedKind = (text: string): text is NamedKind => (namedKinds as readonly string[]).includes(text);

export const parseAddress = (text: string): Result<Address, "bad_address"> => {
  if (text === everyone) return ok({ kind: "everyone" });
  const colon = text.indexOf(":");
  const kind = text.slice(0, Math.max(0, colon));
  const name = text.slice(colon + 1);
  if (!isNamedKind(kind)) {
    return err("bad_address", `"${text}" is no address: write ${namedKinds.join(":…, ")}:… or ${everyone}`);
  }
  if (name === "" || name.length > limits.idLengthMax || /\p{Cc}|\p{Surrogate}/u.test(name)) {
    return err("bad_address", `the name behind "${kind}:" has 1 to ${limits.idLengthMax} characters`);
  }
  return ok({ kind, name });
};

export const formatAddress = (address: Address): string =>
  address.kind === "everyone" ? everyone : `${address.kind}:${address.name}`;

/** `eu` covers `eu` and `eu/west`. */
const covers = (region: string, place: string | undefined): boolean =>
  place !== undefined && (place === region || place.startsWith(`${region}/`));

export const fitsAddress = (address: Address, profile: Profile): boolean => {
  switch (address.kind) {
    case "everyone":
      return true;
    case "agent":
      return profile.id === address.name;
    case "group":
      return profile.groups.includes(address.name);
    case "role":
      return profile.roles.includes(address.name);
    case "topic":
      return profile.topics.includes(address.name);
    case "capability":
      return profile.capabilities.includes(address.name);
    case "region":
      return covers(address.name, profile.region);
  }
};

const regionsAbove = (region: string | undefined): readonly string[] => {
  if (region === undefined) return [];
  const parts = region.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
};

/** Every address that reaches an agent: what it subscribes to at a relay. */
export const addressesOf = (profile: Profile): readonly string[] => [
  everyone,
  `agent:${profile.id}`,
  ...profile.groups.map((name) => `group:${name}`),
  ...profile.roles.map((name) => `role:${name}`),
  ...profile.topics.map((name) => `topic:${name}`),
  ...profile.capabilities.map((name) => `capability:${name}`),
  ...regionsAbove(profile.region).map((name) => `region:${name}`),
];
