/** Reads one key of a Secret. The value never reaches a log, the journal or a status. */
export interface Secrets {
  /** `undefined` when there is no such secret or no such key. */
  read(namespace: string, name: string, key: string): Promise<Buffer | undefined>;
}

/** What is to be said of one key of a Secret. */
export type SecretEntry =
  /** The annotations may say which hosts it is for (`resources/core/secret/hosts.ts`). */
  | { readonly type: 'found'; readonly value: Buffer; readonly annotations: Readonly<Record<string, string>> }
  | { readonly type: 'no-secret' }
  | { readonly type: 'no-key' };

/** The same for those who have to say what is missing, and to whom it may be sent. */
export type LookUpSecret = (namespace: string, name: string, key: string) => Promise<SecretEntry>;
