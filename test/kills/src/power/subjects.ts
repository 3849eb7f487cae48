/** The stores that are put under power cuts, by their short names. */

import { agentSubject } from "./agent-subject.ts";
import { docSubject } from "./doc-subject.ts";
import type { Subject } from "./subject.ts";

export const subjects: Readonly<Record<string, Subject>> = { relay: docSubject, agent: agentSubject };
