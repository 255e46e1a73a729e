import { Informer } from '../controllers/informer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { AccessToken } from '../resources/access-token/schema.ts';
import type { Principal } from '../server/access/principal.ts';
import { authenticateBy } from './authenticate-by.ts';

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

/** Resolves when all tokens are known; those that are made or deleted later count at once. */
export async function startAccessTokens({ store, clock, logger, ownToken }: AccessTokensOptions): Promise<AccessTokens> {
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
    authenticate: authenticateBy(ownToken, (hash) => {
      const found = byHash.get(hash);
      if (found === undefined) return undefined;
      const { role, namespace, expiresAt } = found.spec;
      if (expiresAt !== undefined && Date.parse(expiresAt) <= clock.now()) return undefined;
      return { name: `token:${found.metadata.name}`, role, namespace };
    }),
    close: () => tokens.close(),
  };
}
