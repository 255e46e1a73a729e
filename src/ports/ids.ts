/** Where uids, event ids and random name suffixes come from. */
export interface Ids {
  /** A UUID nobody can guess. Later ones come later in order, at least by the millisecond, so that indexes over them grow at one end. */
  uuid(): string;
  /** Five characters of `bcdfghjklmnpqrstvwxz2456789`, as the Kubernetes API server appends to `generateName`. */
  nameSuffix(): string;
}
