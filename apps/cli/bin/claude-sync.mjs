#!/usr/bin/env node
// The command claude-sync: `context-mesh sync` under the name and with the flags of the synchronization protocol.
import { start } from "../dist/bundled/main.js";

start("claude-sync");
