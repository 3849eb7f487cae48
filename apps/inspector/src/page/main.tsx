/** The page: theme, address and boot first, then the shell. */

import { render } from "preact";
import { boot } from "./boot.ts";
import { followAddress } from "./state/navigation.ts";
import { readTheme } from "./state/session.ts";
import { Shell } from "./view/shell.tsx";

readTheme();
followAddress();
await boot();
const root = document.getElementById("app");
if (root !== null) {
  root.replaceChildren();
  render(<Shell />, root);
}
