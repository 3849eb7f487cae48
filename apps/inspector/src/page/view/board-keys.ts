/** Arrow keys on the board: up and down in a column, left and right between columns. */

const cardsIn = (column: Element): readonly HTMLElement[] => [...column.querySelectorAll<HTMLElement>("a.card")];

const nextColumn = (column: Element, step: number): Element | undefined => {
  const columns = [...document.querySelectorAll("[data-column]")].filter((one) => cardsIn(one).length > 0);
  return columns[columns.indexOf(column) + step];
};

export const walkBoard = (event: KeyboardEvent): void => {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>("a.card") : null;
  const column = card?.closest("[data-column]");
  if (card === null || column === null || column === undefined) return;
  const at = cardsIn(column).indexOf(card);
  const target = (): HTMLElement | undefined => {
    switch (event.key) {
      case "ArrowDown":
        return cardsIn(column)[at + 1];
      case "ArrowUp":
        return cardsIn(column)[at - 1];
      case "ArrowLeft":
      case "ArrowRight": {
        const beside = nextColumn(column, event.key === "ArrowLeft" ? -1 : 1);
        const cards = beside === undefined ? [] : cardsIn(beside);
        return cards[Math.min(at, cards.length - 1)];
      }
      default:
        return undefined;
    }
  };
  const next = target();
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
};
