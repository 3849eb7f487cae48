/** Bars as SVG: each figure beside its baseline, in words that a screen reader reads. Pure. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly isBaseline?: boolean;
}

const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);

const shown = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));

const [width, barHeight, gap, labelWidth] = [640, 22, 10, 220];

/** Bars from zero, all to one scale. What cannot be drawn (no number) is named and has no bar. */
export const barChart = (title: string, bars: readonly Bar[]): string => {
  const most = Math.max(...bars.map(({ value }) => (Number.isFinite(value) ? value : 0)), Number.MIN_VALUE);
  const height = 40 + bars.length * (barHeight + gap);
  const room = width - labelWidth - 110;
  const rows = bars.map(({ label, value, unit, isBaseline }, n) => {
    const y = 34 + n * (barHeight + gap);
    const long = Number.isFinite(value) ? Math.max(1, (Math.max(0, value) / most) * room) : 0;
    const fill = isBaseline === true ? "#9aa5b1" : "#1f6feb";
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escapeText(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${long.toFixed(1)}" height="${barHeight}" fill="${fill}"/>`,
      `<text x="${(labelWidth + long + 6).toFixed(1)}" y="${y + 15}">${escapeText(`${shown(value)} ${unit}`)}</text>`,
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="20" font-weight="600">${escapeText(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
};
