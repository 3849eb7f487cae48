/** What makes a scrolling part usable by keyboard: it takes the focus, and it has a name. */

export const scrollerProps = (label: string) =>
  ({ class: "scroller", tabIndex: 0, role: "group", "aria-label": label }) as const;
