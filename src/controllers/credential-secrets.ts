import type { ObjectKey } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { Stored } from '../resources/object.ts';
import type { CredentialSecret } from '../tasks/credentials/credential-secret.ts';
import { secretData } from './materials.ts';

export interface FoundSecrets {
  readonly secrets: readonly CredentialSecret[];
  /** Names that the account lists and nobody has. */
  readonly missing: readonly string[];
}

/** The Secrets a ServiceAccount lists. An account that does not exist has none: on a cluster every namespace has its `default`, here nobody makes one. */
export async function credentialSecrets(
  get: (key: ObjectKey) => Promise<Stored | undefined>,
  namespace: string,
  account: string,
  config: EngineConfig,
): Promise<FoundSecrets> {
  const found = config['disable-creds-init'] ? undefined : await get({ kind: 'ServiceAccount', namespace, name: account });
  const listed = Array.isArray(found?.['secrets']) ? found['secrets'] : [];
  const names = new Set(listed.map((entry: { readonly name?: string }) => entry.name ?? '').filter((name) => name !== ''));
  const secrets: CredentialSecret[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const secret = await get({ kind: 'Secret', namespace, name });
    if (secret === undefined) missing.push(name);
    else {
      const data = new Map([...secretData(secret)].map(([key, value]) => [key, value.toString('utf8')]));
      secrets.push({ name, type: String(secret['type'] ?? ''), annotations: secret.metadata.annotations ?? {}, data });
    }
  }
  return { secrets, missing };
}
