/** Which dialog stands over the page. */

import { signal } from "@preact/signals";

export type OverlayName = "none" | "palette" | "help";

export const overlay = signal<OverlayName>("none");

/**
 * Closes this dialog, not the one that may have taken its place: the browser tells that a dialog was closed only after it was,
 * and a key pressed in between may have opened the other one already.
 */
export const closeOverlay = (name: OverlayName): void => {
  if (overlay.value === name) overlay.value = "none";
};
