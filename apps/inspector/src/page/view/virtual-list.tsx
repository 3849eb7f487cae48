/** A long list of which only what is in sight is on the page. Short lists are shown whole. */

import { Component, type ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { noRows, type RowSpan, rowsInSight } from "../../model/row-span.ts";
import { scrollerProps } from "./scroller.ts";

interface VirtualListProps<T> {
  readonly items: readonly T[];
  /** Height of every row, in rem, so that it grows with the text. */
  readonly rowRem: number;
  readonly keyOf: (item: T) => string;
  readonly label: string;
  /** Of an item alone: a row is painted anew only when its item is another. */
  readonly children: (item: T) => ComponentChildren;
}

/** Below this many rows all are put on the page: simpler for find-in-page and screen readers. */
const plainMax = 60;

const remPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

interface RowProps<T> {
  readonly item: T;
  readonly at: number;
  readonly count: number;
  readonly heightPx: number;
  readonly paint: (item: T) => ComponentChildren;
}

class Row<T> extends Component<RowProps<T>> {
  override shouldComponentUpdate({ item, at, count, heightPx }: RowProps<T>): boolean {
    const now = this.props;
    return item !== now.item || at !== now.at || count !== now.count || heightPx !== now.heightPx;
  }

  override render({ item, at, count, heightPx, paint }: RowProps<T>) {
    const style = { height: `${heightPx}px`, transform: `translateY(${at * heightPx}px)` };
    return (
      <li class="row" aria-setsize={count} aria-posinset={at + 1} style={style}>
        {paint(item)}
      </li>
    );
  }
}

/** Which rows are on the page: read off the scroller when it scrolls or changes its size, and only then. */
const useSpan = (count: number, rowRem: number) => {
  const scroller = useRef<HTMLDivElement>(null);
  const [heightPx, setHeightPx] = useState(rowRem * 16);
  const [span, setSpan] = useState<RowSpan>(noRows);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    let sightPx = element.clientHeight;
    const look = (): void => setSpan((now) => rowsInSight({ topPx: element.scrollTop, sightPx, heightPx, count }, now));
    const resized = new ResizeObserver(() => {
      sightPx = element.clientHeight;
      setHeightPx(rowRem * remPx());
      look();
    });
    resized.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [count, heightPx, rowRem]);
  return { scroller, heightPx, span };
};

const Windowed = <T,>({ items, rowRem, keyOf, label, children }: VirtualListProps<T>) => {
  const { scroller, heightPx, span } = useSpan(items.length, rowRem);
  return (
    <div ref={scroller} {...scrollerProps(label)}>
      <ul class="rows" style={{ height: `${items.length * heightPx}px` }}>
        {items.slice(span.first, span.end).map((item, at) => (
          <Row
            key={keyOf(item)}
            item={item}
            at={span.first + at}
            count={items.length}
            heightPx={heightPx}
            paint={children}
          />
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
