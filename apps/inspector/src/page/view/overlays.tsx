/** Dialogs that are loaded when they are first opened: the palette and the keys. */

import { Help } from "./help.tsx";
import { overlay } from "./overlay.ts";
import { Palette } from "./palette.tsx";

export const Overlays = () => (overlay.value === "palette" ? <Palette /> : <Help />);
