/**
 * Keys: how they are put together and taken apart.
 *
 *     key     = record "/" code / list "/" item [ "/" code [ "/" element ] ]
 *     code    = one letter of the table / "+" name / "#" / "." / "z"
 *     proposal = key "?"
 */

import { escapeSegment, unescapeSegment } from "./escape.ts";
import { isItemPrefix } from "./registry.ts";

export interface KeyParts {
  /** `t`, `x`, … */
  readonly prefix: string;
  /** What one row or record is made of: `t/task-1`, or the prefix alone. */
  readonly entity: string;
  /** The rest: `s`, `i/auth`, `+name`; empty for notes. Without the mark of a proposal. */
  readonly suffix: string;
  readonly isProposal: boolean;
}

export const proposalKey = (key: string): string => `${key}?`;
export const isProposalKey = (key: string): boolean => key.endsWith("?");
export const proposalTarget = (key: string): string => (isProposalKey(key) ? key.slice(0, -1) : key);

export const parseKey = (key: string): KeyParts => {
  const isProposal = isProposalKey(key);
  const bare = isProposal ? key.slice(0, -1) : key;
  const first = bare.indexOf("/");
  if (first < 0) return { prefix: bare, entity: bare, suffix: "", isProposal };
  const prefix = bare.slice(0, first);
  if (!isItemPrefix(prefix)) return { prefix, entity: prefix, suffix: bare.slice(first + 1), isProposal };
  const second = bare.indexOf("/", first + 1);
  if (second < 0) return { prefix, entity: bare, suffix: "", isProposal };
  return { prefix, entity: bare.slice(0, second), suffix: bare.slice(second + 1), isProposal };
};

/** The entity alone, for the paths that are taken often. */
export const entityOf = (key: string): string => {
  const first = key.indexOf("/");
  if (first < 0) return key;
  const prefix = key.slice(0, first);
  if (!isItemPrefix(prefix)) return prefix;
  const second = key.indexOf("/", first + 1);
  return second < 0 ? proposalTarget(key) : key.slice(0, second);
};

const implicitSegment = /^~[0-9a-f]{16}(?:\.\d+)?$/;

/** Items that came without an id are named `~<hash>`; that is also how paths call them. */
export const isImplicit = (segment: string): boolean => segment.startsWith("~");
export const segmentOfId = (id: string): string => (implicitSegment.test(id) ? id : escapeSegment(id));
export const idOfSegment = (segment: string): string => (isImplicit(segment) ? segment : unescapeSegment(segment));

export const itemEntity = (prefix: string, id: string): string => `${prefix}/${segmentOfId(id)}`;
export const segmentOfEntity = (entity: string): string => entity.slice(entity.indexOf("/") + 1);
export const idOfEntity = (entity: string): string => idOfSegment(segmentOfEntity(entity));

/** Key of a field of an item: `itemKey("t", "task-1", "s")`. */
export const itemKey = (prefix: string, id: string, code: string): string => `${itemEntity(prefix, id)}/${code}`;

export const isUnknownCode = (code: string): boolean => code.startsWith("+");
