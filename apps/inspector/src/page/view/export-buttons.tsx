/** The room as a file, in four forms, made in the tab. */

import { allCards } from "../../model/board.ts";
import { type ExportFormat, formats, mimeTypes, toCsv, toNdjson } from "../../model/exports.ts";
import { shownFacts, shownScreen } from "../state/moment.ts";
import { room } from "../state/session.ts";

const contentOf = async (format: ExportFormat): Promise<string> => {
  const context = shownFacts.value?.context ?? {};
  const board = shownScreen.value?.board;
  if (format === "json") return `${JSON.stringify({ shared_context: context }, null, 2)}\n`;
  if (format === "ndjson") return toNdjson(context);
  if (format === "csv") return toCsv(board === undefined ? [] : allCards(board));
  const { formatContext } = await import("@context-mesh/schema");
  return formatContext(context, "yaml");
};

const save = async (format: ExportFormat): Promise<void> => {
  const url = URL.createObjectURL(new Blob([await contentOf(format)], { type: mimeTypes[format] }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${room.value.replaceAll(/[^\w.-]+/g, "-")}.${format}`;
  link.click();
  URL.revokeObjectURL(url);
};

export const ExportButtons = () => (
  // biome-ignore lint/a11y/useSemanticElements: four buttons are no set of fields
  <div class="actions" role="group" aria-label="Export">
    <span class="meta">Export</span>
    {formats.map((format) => (
      <button
        key={format}
        type="button"
        class="quiet"
        disabled={shownFacts.value === undefined}
        onClick={() => void save(format)}
      >
        {format.toUpperCase()}
      </button>
    ))}
  </div>
);
