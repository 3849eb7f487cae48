/** A long list of which only what is in sight is on the page. Short lists are shown whole. */

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { scrollerProps } from "./scroller.ts";

interface VirtualListProps<T> {
  readonly items: readonly T[];
  /** Height of every row, in rem, so that it grows with the text. */
  readonly rowRem: number;
  readonly keyOf: (item: T) => string;
  readonly label: string;
  readonly children: (item: T) => ComponentChildren;
}

/** Below this many rows all are put on the page: simpler for find-in-page and screen readers. */
const plainMax = 60;
const overscan = 8;

const remPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

const Row = <T,>({ item, row, list }: { item: T; row: VirtualItem; list: VirtualListProps<T> }) => (
  <li
    aria-setsize={list.items.length}
    aria-posinset={row.index + 1}
    style={{ position: "absolute", insetInline: "0", height: `${row.size}px`, transform: `translateY(${row.start}px)` }}
  >
    {list.children(item)}
  </li>
);

const Windowed = <T,>(list: VirtualListProps<T>) => {
  const scroller = useRef<HTMLDivElement>(null);
  const [, paint] = useReducer((n: number) => n + 1, 0);
  const options = {
    count: list.items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => list.rowRem * remPx(),
    getItemKey: (at: number) => list.keyOf(list.items[at] as T),
    overscan,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => paint(0),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  return (
    <div ref={scroller} {...scrollerProps(list.label)}>
      <ul style={{ position: "relative", height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map((row) => (
          <Row key={row.key} item={list.items[row.index] as T} row={row} list={list} />
        ))}
      </ul>
    </div>
  );
};

export const VirtualList = <T,>(list: VirtualListProps<T>) => {
  if (list.items.length > plainMax) return <Windowed {...list} />;
  return (
    <div {...scrollerProps(list.label)}>
      <ul>
        {list.items.map((item) => (
          <li key={list.keyOf(item)}>{list.children(item)}</li>
        ))}
      </ul>
    </div>
  );
};
