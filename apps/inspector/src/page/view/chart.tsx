/** A line over time, drawn by uPlot, which is loaded when the first one is shown. The figures stand beside it as text. */

import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { momentText } from "../../model/ages.ts";
import { theme } from "../state/session.ts";

interface ChartProps {
  readonly label: string;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const height = 150;

const colour = (element: Element, name: string): string => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

/** `16:00:40`, whatever the language of the browser. */
const clockLabels = (_plot: unknown, at: readonly number[]): string[] => at.map((s) => momentText(s * 1_000).slice(-8));

const axis = (element: Element) => ({
  stroke: colour(element, "--quiet"),
  grid: { stroke: colour(element, "--line"), width: 1 },
});

export const Chart = ({ label, at, values }: ChartProps) => {
  const host = useRef<HTMLDivElement>(null);
  const draw = useRef<((data: [number[], number[]]) => void) | undefined>(undefined);
  const data = useRef<[number[], number[]]>([[], []]);
  data.current = [[...at], [...values]];
  useEffect(() => {
    let destroy = (): void => undefined;
    let isGone = false;
    const make = async (): Promise<void> => {
      const [{ default: Plot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
      const element = host.current;
      if (isGone || element === null) return;
      destroy();
      const plot = new Plot(
        {
          width: element.clientWidth,
          height,
          legend: { show: false },
          cursor: { show: false },
          axes: [
            { ...axis(element), values: clockLabels },
            { ...axis(element), size: 60 },
          ],
          scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
          series: [{}, { label, stroke: colour(element, "--accent"), width: 1.5, points: { show: false } }],
        },
        data.current,
        element,
      );
      draw.current = (next) => plot.setData(next);
      destroy = () => plot.destroy();
    };
    const stop = effect(() => {
      void theme.value;
      make().catch(() => undefined);
    });
    return () => {
      isGone = true;
      stop();
      destroy();
    };
  }, []);
  useEffect(() => draw.current?.(data.current));
  return <div ref={host} class="chart" role="img" aria-label={`${label} over the last ten minutes`} />;
};
