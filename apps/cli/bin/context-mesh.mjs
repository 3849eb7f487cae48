#!/usr/bin/env node
// The command context-mesh (short: cmesh).
import { start } from "../dist/bundled/main.js";

start("context-mesh");
