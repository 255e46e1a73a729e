/** Entries carry their bodies, so a list without a limit has one all the same. */
export const DEFAULT_EVENT_LIMIT = 100;
