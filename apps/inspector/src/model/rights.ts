/** What a person may do in this tab: what the relay granted, once they said who they are. */

export type Grant = "read" | "write";

export type Rights =
  | { readonly kind: "write" }
  /** The relay would let them write; they have not said a name. */
  | { readonly kind: "nameless" }
  | { readonly kind: "read"; readonly why: string };

export interface RightsInput {
  /** What the relay last said about this page; it holds while the relay is away. */
  readonly grant: Grant | undefined;
  readonly person: string;
  /** A newer schema than this page knows, in words; empty when all is well. */
  readonly newerSchema: string;
}

/** Nothing may be written until a relay said so. */
export const rightsOf = ({ grant, person, newerSchema }: RightsInput): Rights => {
  if (newerSchema !== "") return { kind: "read", why: newerSchema };
  if (grant === "read") return { kind: "read", why: "The relay lets this page read only." };
  if (grant === undefined) return { kind: "read", why: "No relay has said yet that this page may write." };
  return person === "" ? { kind: "nameless" } : { kind: "write" };
};

/** Of several relays the strictest counts. */
export const grantOf = (relays: readonly { readonly grant?: Grant | undefined }[]): Grant | undefined => {
  if (relays.some((relay) => relay.grant === "read")) return "read";
  return relays.some((relay) => relay.grant === "write") ? "write" : undefined;
};

const knownMajor = 2;

/** In words when the room's schema is of a later generation than this page; "" otherwise. */
export const newerSchemaText = (version: string): string => {
  const major = Number.parseInt(version, 10);
  if (Number.isNaN(major) || major <= knownMajor) return "";
  return `This room uses schema ${version}, and this page knows ${knownMajor}.x: it shows what it understands and changes nothing.`;
};
