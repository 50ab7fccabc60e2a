/** Groups of the people who sign in to the console. The prefixes are followed by the name of a store, or "*" for all. */
export const OPERATORS_GROUP = 'operators';
export const SENDERS_GROUP = 'store:';
export const VIEWERS_GROUP = 'viewer:';
