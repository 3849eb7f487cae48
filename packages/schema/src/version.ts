/** Schema versions: 2.x only ever adds, so every 2.x reads every other; 3 and later are refused by name. */

export const schemaVersion = "2.0";

/** `older`: readable, written back as ours. `newer-additive`: has fields we keep without knowing them. */
export type VersionRelation = "same" | "older" | "newer-additive" | "incompatible";

const [ourMajor, ourMinor] = [2, 0];
const form = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.\d{1,9})?(?:[-+].*)?$/i;

/** How a context of that version relates to ours. A missing version counts as ours; an unreadable one as incompatible. */
export const checkVersion = (version: string | null | undefined): VersionRelation => {
  if (version === null || version === undefined) return "same";
  const match = form.exec(version.trim());
  if (match === null) return "incompatible";
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  if (major !== ourMajor) return major < ourMajor ? "older" : "incompatible";
  if (minor === ourMinor) return "same";
  return minor < ourMinor ? "older" : "newer-additive";
};
