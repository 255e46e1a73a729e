import { createHash } from 'node:crypto';
import { Informer } from '../controllers/informer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { AccessToken } from '../resources/access-token/schema.ts';
import type { Principal } from '../server/access/principal.ts';

export interface AccessTokensOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of whoever owns the data directory: may do everything, and make other tokens. */
  readonly ownToken: string;
}

export interface AccessTokens {
  authenticate(token: string): Principal | undefined;
  close(): Promise<void>;
}

/**
 * Whose a token is, by its hash: a long random text needs no slow one, and how long a look-up by hash takes tells nothing of a token. Resolves when all
 * tokens are known; those that are made or deleted later count at once.
 */
export async function startAccessTokens({ store, clock, logger, ownToken }: AccessTokensOptions): Promise<AccessTokens> {
  const own = sha256(ownToken);
  const byHash = new Map<string, AccessToken>();
  const tokens = new Informer<AccessToken>({
    store,
    clock,
    logger,
    kind: 'tappet.dev/AccessToken',
    onChange: (now, before) => {
      if (before !== undefined) byHash.delete(before.spec.sha256);
      if (now !== undefined) byHash.set(now.spec.sha256, now);
    },
  });
  await tokens.start();
  return {
    authenticate(token) {
      const hash = sha256(token);
      if (hash === own) return { name: 'tappet:owner', role: 'admin' };
      const found = byHash.get(hash);
      if (found === undefined) return undefined;
      const { role, namespace, expiresAt } = found.spec;
      if (expiresAt !== undefined && Date.parse(expiresAt) <= clock.now()) return undefined;
      return { name: `token:${found.metadata.name}`, role, namespace };
    },
    close: () => tokens.close(),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
