/** Reasons not to trust a store as the one that was left. */

export type Doubt = "copied" | "restored" | "damaged";
