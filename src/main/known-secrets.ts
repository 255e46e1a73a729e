import type { KnownSecret } from '../events/redaction.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { Stored } from '../resources/object.ts';
import { secretValue } from './store-secrets.ts';

/** Every key of every Secret in these namespaces. */
export async function knownSecrets(store: Store, namespaces: readonly string[]): Promise<readonly KnownSecret[]> {
  const lists = await Promise.all(namespaces.map((namespace) => store.list('Secret', { namespace })));
  return lists.flatMap(({ items }) => items.flatMap(entriesOf));
}

/**
 * Every key of the Secrets that these objects name, each looked for in the object's own namespace, as triggers do: for whoever may get Secrets, and not
 * list them. What is not there, or may not be read, is left out: no event was judged by it either.
 */
export async function secretsNamedIn(store: Store, objects: Iterable<Stored>): Promise<readonly KnownSecret[]> {
  const wanted = new Map<string, { readonly namespace: string; readonly name: string }>();
  for (const { metadata, ...rest } of objects) {
    const namespace = metadata.namespace ?? '';
    for (const name of namesIn(rest)) wanted.set(`${namespace}/${name}`, { namespace, name });
  }
  const found = await Promise.all(
    [...wanted.values()].map((key) =>
      store.get({ kind: 'Secret', ...key }).catch((error: unknown) => {
        if (error instanceof StoreError && error.code === 'Forbidden') return undefined;
        throw error;
      }),
    ),
  );
  return found.flatMap((secret) => (secret === undefined ? [] : entriesOf(secret)));
}

/** `header.canonical('X-Key').compareSecret('key', 'name')`, with the name as a literal. */
const COMPARED = /\bcompareSecret\(\s*(["'])[^"']*\1\s*,\s*(["'])([^"']+)\2/g;

function* namesIn(value: unknown): Generator<string> {
  if (typeof value === 'string') for (const [, , , name] of value.matchAll(COMPARED)) yield name ?? '';
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key.toLowerCase() === 'secretname' && typeof member === 'string' && member !== '') yield member;
    else yield* namesIn(member);
  }
}

function entriesOf(secret: Stored): readonly KnownSecret[] {
  const { name, namespace = '' } = secret.metadata;
  const keys = new Set([...keysOf(secret['data']), ...keysOf(secret['stringData'])]);
  return [...keys].flatMap((key) => {
    const value = secretValue(secret, key);
    return value === undefined ? [] : [{ namespace, name, key, value }];
  });
}

function keysOf(data: unknown): readonly string[] {
  return typeof data === 'object' && data !== null ? Object.keys(data) : [];
}
