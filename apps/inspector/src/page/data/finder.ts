/** Search over everything of the room, in the tab. */

import MiniSearch from "minisearch";
import { eventLines } from "../../model/events.ts";
import type { Facts } from "../../model/facts.ts";
import { type Findable, findables } from "../../model/search.ts";

const foundMax = 30;
const eventsMax = 300;

export class Finder {
  readonly #index = new MiniSearch<Findable>({
    idField: "key",
    fields: ["title", "text"],
    storeFields: ["kind", "title", "link"],
    searchOptions: { prefix: true, fuzzy: 0.2, boost: { title: 2 }, combineWith: "AND" },
  });

  constructor(facts: Facts) {
    this.#index.addAll(findables(facts.context, eventLines(facts.events, eventsMax)));
  }

  find(text: string): readonly Pick<Findable, "key" | "kind" | "title" | "link">[] {
    return this.#index
      .search(text)
      .slice(0, foundMax)
      .map(({ id, kind, title, link }) => ({
        key: String(id),
        kind: String(kind),
        title: String(title),
        link: String(link),
      }));
  }
}
