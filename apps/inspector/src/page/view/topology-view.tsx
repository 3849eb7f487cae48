/** Agents and relays: drawn, and as a table that says the same. */

import { useEffect, useRef, useState } from "preact/hooks";
import { durationText } from "../../model/ages.ts";
import { type Graph, graphOf } from "../../model/topology.ts";
import { status } from "../state/node.ts";
import { facts } from "../state/picture.ts";

const size = { width: 640, height: 360 };

interface Placed {
  readonly id: string;
  x: number;
  y: number;
}

/** Places by d3-force, computed to the end at once: nothing moves on the page. */
const placesOf = async (graph: Graph): Promise<ReadonlyMap<string, Placed>> => {
  const { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation } = await import("d3-force");
  const nodes: Placed[] = graph.nodes.map(({ id }) => ({ id, x: 0, y: 0 }));
  const links = graph.edges.map(({ from, to }) => ({ source: from, target: to }));
  forceSimulation(nodes)
    .force("charge", forceManyBody().strength(-420))
    .force(
      "link",
      forceLink<Placed, { source: string; target: string }>(links)
        .id(({ id }) => id)
        .distance(130),
    )
    .force("collide", forceCollide(34))
    .force("center", forceCenter(size.width / 2, size.height / 2))
    .stop()
    .tick(200);
  return new Map(nodes.map((node) => [node.id, node]));
};

const Drawing = ({ graph }: { graph: Graph }) => {
  const [places, setPlaces] = useState<ReadonlyMap<string, Placed>>(new Map());
  const shape = graph.nodes.map(({ id }) => id).join() + graph.edges.length;
  const latest = useRef(graph);
  latest.current = graph;
  useEffect(() => {
    placesOf(latest.current).then(setPlaces);
  }, [shape]);
  const all = [...places.values()];
  const pad = 60;
  const left = Math.min(0, ...all.map(({ x }) => x - pad));
  const top = Math.min(0, ...all.map(({ y }) => y - pad));
  const right = Math.max(size.width, ...all.map(({ x }) => x + pad));
  const bottom = Math.max(size.height, ...all.map(({ y }) => y + pad));
  return (
    <svg
      viewBox={`${left} ${top} ${right - left} ${bottom - top}`}
      class="graph"
      role="img"
      aria-label="Agents and relays; the table below says the same"
    >
      {graph.edges.map(({ from, to }) => {
        const [a, b] = [places.get(from), places.get(to)];
        if (a === undefined || b === undefined) return null;
        return <line key={`${from} ${to}`} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />;
      })}
      {graph.nodes.map(({ id, kind, label }) => {
        const place = places.get(id);
        if (place === undefined) return null;
        return (
          <g key={id} class={kind} transform={`translate(${place.x} ${place.y})`}>
            {kind === "relay" ? <rect x={-14} y={-14} width={28} height={28} rx={4} /> : <circle r={12} />}
            <text y={28} text-anchor="middle">
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
};

export const TopologyView = () => {
  const relays = status.value?.relays ?? [];
  const presence = facts.value?.presence ?? [];
  const graph = graphOf(relays, presence);
  return (
    <div class="stack">
      <h2 class="page-title">Topology</h2>
      <div class="panel">
        <Drawing graph={graph} />
      </div>
      <section class="panel table-wrap" aria-label="Agents and relays">
        <table>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Kind</th>
              <th scope="col">State</th>
              <th scope="col">Connected with</th>
              <th scope="col" class="number">
                Last sign
              </th>
            </tr>
          </thead>
          <tbody>
            {graph.nodes.map((node) => {
              const seen = presence.find((one) => `agent ${one.agent}` === node.id);
              const linked = graph.edges.filter(({ from, to }) => from === node.id || to === node.id);
              return (
                <tr key={node.id}>
                  <th scope="row">{node.label}</th>
                  <td>{node.kind === "self" ? "agent" : node.kind}</td>
                  <td>{node.state}</td>
                  <td>
                    {linked.map(({ from, to }) => (from === node.id ? to : from).replace(/^\w+ /, "")).join(", ") ||
                      "–"}
                  </td>
                  <td class="number">{seen === undefined ? "–" : durationText(seen.seenMsAgo)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </div>
  );
};
