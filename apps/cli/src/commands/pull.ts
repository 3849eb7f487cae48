/** `pull`: what changed since this agent last looked, critical things first. */

import type { ChangedItem, PullAnswer } from "context-mesh";
import type { Args, Command } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, toJson } from "../frame/outcome.ts";
import { syncLevels } from "../frame/shared-options.ts";
import { defined, listOption, sinceValue } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

const rank = (level: string): number => syncLevels.indexOf(level as (typeof syncLevels)[number]);

const line = ({ path, value, agent, level, conflict }: ChangedItem): string => {
  const text = value === undefined ? "removed" : JSON.stringify(value);
  const marks = [level === "critical" ? "! critical" : "", conflict ? "! conflict" : ""].filter((mark) => mark !== "");
  return `${[...marks, path].join(" ")}: ${text}  (${agent})`;
};

const tell = (answer: PullAnswer): string => {
  if (answer.changes.length === 0) return `Nothing new.\ncursor ${answer.cursor}`;
  const changes = [...answer.changes].sort((a, b) => rank(a.level) - rank(b.level) || a.at - b.at);
  return [...changes.map(line), `cursor ${answer.cursor}`].join("\n");
};

const sinceOption = (args: Args, io: Io): string | number | undefined => {
  const text = args.string("since");
  return text === undefined ? undefined : sinceValue(text, io.clock.wallMs());
};

const briefing = ({ mesh, args, io }: Session) => {
  const report = mesh.briefing({
    ...defined({ budgetTokens: args.integer("budget"), since: sinceOption(args, io) }),
    peek: args.flag("peek"),
  });
  return done(toJson(report), report.text);
};

/** Neither of the schema nor there: most likely a slip. */
const unknownAmong = async (sections: readonly string[], { mesh }: Session): Promise<readonly string[]> => {
  const { contextSections } = await import("@context-mesh/schema");
  return sections.filter((section) => !contextSections.includes(section) && mesh.live(section).value === undefined);
};

export const command: Command = {
  spec: {
    options: {
      sections: {
        type: "string",
        multiple: true,
        placeholder: "A,B",
        summary: "Only these, such as project_state,decisions_log.recent.",
      },
      since: { type: "string", placeholder: "CURSOR|TIME", summary: "A cursor, a time, or an age such as 2h." },
      peek: { type: "boolean", summary: "Look without moving on: the next pull shows it again." },
      brief: { type: "boolean", summary: "In words, the most important first." },
      budget: { type: "integer", placeholder: "TOKENS", summary: "With --brief: at most about this long." },
    },
    examples: [
      ["context-mesh pull", "what is new for this agent"],
      [
        "context-mesh pull --sections project_state,decisions_log.recent --since 2h",
        "some sections, the last two hours",
      ],
      ["context-mesh pull --brief --budget 500", "a briefing of at most 500 tokens"],
    ],
  },
  run: (args, io) => {
    const since = sinceOption(args, io);
    return withMesh(args, io, async (session) => {
      if (args.flag("brief")) return briefing(session);
      const sections = listOption(args, "sections");
      const answer = session.mesh.pull({
        ...(sections.length > 0 ? { sections } : {}),
        ...defined({ since }),
        peek: args.flag("peek"),
      });
      const unknown = await unknownAmong(sections, session);
      const warnings = [
        ...(answer.reset ? ["The cursor belongs to another store: everything is shown."] : []),
        ...unknown.map((section) => `${section}: the context has no such section.`),
      ];
      return done(toJson(answer), tell(answer), { warnings });
    });
  },
};
