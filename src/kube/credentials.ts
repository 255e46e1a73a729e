import type { CredentialSource, Credentials } from './connection.ts';

export interface Loaded {
  readonly credentials: Credentials;
  /** Instant from which they are asked for anew. Absent: when the server refuses them. */
  readonly until?: number | undefined;
}

/** Nothing about them can change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { current: async () => credentials, renew: () => false };
}

/**
 * Kept until they run out or are refused. Many requests that are refused at once have them fetched once: only the first one's refusal meets those
 * that are in memory.
 */
export function renewableCredentials(load: (now: number) => Promise<Loaded>): CredentialSource {
  let loading: Promise<Loaded> | undefined;
  let known: Loaded | undefined;
  return {
    async current(now) {
      if (known !== undefined && (known.until === undefined || now < known.until)) return known.credentials;
      loading ??= load(now).finally(() => {
        loading = undefined;
      });
      known = await loading;
      return known.credentials;
    },
    renew(refused) {
      if (known?.credentials === refused) known = undefined;
      return true;
    },
  };
}

export function bearer(token: string): Credentials {
  return { headers: { authorization: `Bearer ${token}` } };
}
