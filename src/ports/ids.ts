/** Where uids, event ids and random name suffixes come from. */
export interface Ids {
  /** A random UUID, version 4. */
  uuid(): string;
  /** Five characters of `bcdfghjklmnpqrstvwxz2456789`, as the Kubernetes API server appends to `generateName`. */
  nameSuffix(): string;
}
