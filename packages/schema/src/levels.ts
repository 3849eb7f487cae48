/** The four sync levels of the context synchronization protocol, most urgent first. */

export const syncLevels = ["critical", "checkpoint", "periodic", "session"] as const;

export type SyncLevel = (typeof syncLevels)[number];

export const isSyncLevel = (text: string): text is SyncLevel => (syncLevels as readonly string[]).includes(text);
