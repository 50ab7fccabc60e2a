/** The way in which a store writes its files. */
// biome-ignore lint/suspicious/noEmptyInterface: its members follow.
export interface Profile {}
