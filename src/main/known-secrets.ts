import type { KnownSecret } from '../events/redaction.ts';
import type { Store } from '../ports/store.ts';
import { secretValue } from './store-secrets.ts';

/** Every key of every Secret in these namespaces. */
export async function knownSecrets(store: Store, namespaces: readonly string[]): Promise<readonly KnownSecret[]> {
  const lists = await Promise.all(namespaces.map((namespace) => store.list('Secret', { namespace })));
  return lists.flatMap(({ items }) =>
    items.flatMap((secret) => {
      const { name, namespace = '' } = secret.metadata;
      const keys = new Set([...keysOf(secret['data']), ...keysOf(secret['stringData'])]);
      return [...keys].flatMap((key) => {
        const value = secretValue(secret, key);
        return value === undefined ? [] : [{ namespace, name, key, value }];
      });
    }),
  );
}

function keysOf(data: unknown): readonly string[] {
  return typeof data === 'object' && data !== null ? Object.keys(data) : [];
}
