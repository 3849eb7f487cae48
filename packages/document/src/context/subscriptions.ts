/** Who wants to hear about which part: affected paths are compared with the subscribed one, step by step. */

import type { Unsubscribe } from "@context-mesh/common";
import { parsePath } from "@context-mesh/schema";

/** One path as comparable steps. The three task lists are one where an id follows: a task keeps its subscribers. */
export type Steps = readonly string[];

const taskLists = /^(?:active|completed|blocked)_tasks$/;

export const stepsOf = (path: string): Steps | undefined => {
  const parsed = parsePath(path);
  if (!parsed.ok) return undefined;
  return parsed.value.map((segment, at) => {
    if ("id" in segment) return `[${segment.id}`;
    if ("index" in segment) return `[${segment.index}`;
    const next = parsed.value[at + 1];
    const isItem = next !== undefined && !("name" in next);
    return isItem && taskLists.test(segment.name) ? ".tasks" : `.${segment.name}`;
  });
};

const startsWith = (steps: Steps, start: Steps): boolean => start.every((step, at) => step === steps[at]);

/** A part hears of what lies in it, and of what it lies in. */
const concerns = (part: Steps, changed: Steps): boolean =>
  part.length <= changed.length ? startsWith(changed, part) : startsWith(part, changed);

/** A changed place: its path for people, and every form under which a part may have named it. */
export interface Affected {
  readonly path: string;
  readonly forms: readonly Steps[];
}

/** The path itself, and for an item of a task list also the list it stands in. */
export const affectedBy = (path: string): Affected => {
  const own = stepsOf(path) ?? [];
  const listName = /^project_state\.((?:active|completed|blocked)_tasks)\[/.exec(path)?.[1];
  return { path, forms: listName === undefined ? [own] : [own, [".project_state", `.${listName}`, "["]] };
};

interface Subscriber<T> {
  readonly steps: Steps;
  readonly listener: T;
}

export class Subscriptions<T> {
  readonly #subscribers = new Set<Subscriber<T>>();

  get size(): number {
    return this.#subscribers.size;
  }

  add(steps: Steps, listener: T): Unsubscribe {
    const subscriber = { steps, listener };
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  /** Listeners with the affected paths that concern them. */
  concerned(affected: readonly Affected[]): { readonly listener: T; readonly paths: readonly string[] }[] {
    return [...this.#subscribers].flatMap((subscriber) => {
      const paths = affected
        .filter((place) => place.forms.some((form) => concerns(subscriber.steps, form)))
        .map((place) => place.path);
      return paths.length === 0 ? [] : [{ listener: subscriber.listener, paths: [...new Set(paths)] }];
    });
  }

  clear(): void {
    this.#subscribers.clear();
  }
}
