/** Which dialog stands over the page. */

import { signal } from "@preact/signals";

export type OverlayName = "none" | "palette" | "help";

export const overlay = signal<OverlayName>("none");
