import type { LookUpSecret, Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import type { KubeObject } from '../resources/object.ts';

/** Secrets as resources of the store. */
export function storeSecrets(store: Store): Secrets {
  return {
    async read(namespace, name, key) {
      const secret = await store.get({ kind: 'Secret', namespace, name });
      return secret === undefined ? undefined : secretValue(secret, key);
    },
  };
}

/** The same with what is missing, and what the secret says of itself. */
export function lookUpSecret(store: Store): LookUpSecret {
  return async (namespace, name, key) => {
    const secret = await store.get({ kind: 'Secret', namespace, name });
    if (secret === undefined) return { type: 'no-secret' };
    const value = secretValue(secret, key);
    return value === undefined ? { type: 'no-key' } : { type: 'found', value, annotations: secret.metadata.annotations ?? {} };
  };
}

export function secretValue(secret: KubeObject, key: string): Buffer | undefined {
  const text = entry(secret['stringData'], key);
  if (text !== undefined) return Buffer.from(text, 'utf8');
  const base64 = entry(secret['data'], key);
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function entry(data: unknown, key: string): string | undefined {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  const value: unknown = Reflect.get(data, key);
  return typeof value === 'string' ? value : undefined;
}
