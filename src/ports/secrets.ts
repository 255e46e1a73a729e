/** Reads one key of a Secret. The value never reaches a log, the journal or a status. */
export interface Secrets {
  /** `undefined` when there is no such secret or no such key. */
  read(namespace: string, name: string, key: string): Promise<Buffer | undefined>;
}
