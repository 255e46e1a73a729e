import type { LookUpSecret, SecretEntry } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import type { ImageReference } from './image-reference.ts';
import { member, parseJson } from './json.ts';

/** For `Authorization: Basic`. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface KeychainOptions {
  readonly store: Store;
  readonly secrets: LookUpSecret;
}

/**
 * What a registry is told: of the pull secrets that the question names, in order, then of those of its service account. Each entry of a docker
 * configuration is for the registry it is written under, and goes to no other. As upstream, what does not exist is passed over.
 * Follows github.com/google/go-containerregistry pkg/authn/kubernetes.
 */
export async function credentialsFor(
  image: ImageReference,
  asked: { readonly namespace: string; readonly serviceAccount: string; readonly secrets: readonly string[] },
  { store, secrets }: KeychainOptions,
): Promise<Credentials | undefined> {
  const { namespace } = asked;
  const account = await store.get({ kind: 'ServiceAccount', namespace, name: asked.serviceAccount });
  const names = [...asked.secrets.filter((name) => name !== ''), ...pullSecrets(account?.['imagePullSecrets'])];
  for (const name of names) {
    const found = bestEntry(await dockerConfigs(secrets, namespace, name), image);
    if (found !== undefined) return found;
  }
  return undefined;
}

function pullSecrets(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const name = member(entry, 'name');
    return typeof name === 'string' && name !== '' ? [name] : [];
  });
}

/** `registry → entry` of both of Kubernetes' kinds of docker secret. */
async function dockerConfigs(secrets: LookUpSecret, namespace: string, name: string): Promise<readonly [string, unknown][]> {
  const json = parse(await secrets(namespace, name, '.dockerconfigjson'));
  const old = parse(await secrets(namespace, name, '.dockercfg'));
  return [...entries(member(json, 'auths')), ...entries(old)];
}

/** The one with the longest path that the image is under. */
function bestEntry(configs: readonly [string, unknown][], { registry, repository }: ImageReference): Credentials | undefined {
  let best: { readonly length: number; readonly credentials: Credentials } | undefined;
  for (const [key, entry] of configs) {
    const [host = '', ...path] = key
      .replace(/^https?:\/\//, '')
      .replace(/\/+$/, '')
      .replace(/\/v[12]$/, '')
      .split('/');
    const prefix = path.join('/');
    const isUnder = prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`);
    const credentials = sameRegistry(host, registry) && isUnder ? credentialsOf(entry) : undefined;
    if (credentials !== undefined && (best === undefined || prefix.length > best.length)) best = { length: prefix.length, credentials };
  }
  return best?.credentials;
}

function sameRegistry(host: string, registry: string): boolean {
  const plain = (name: string): string => (name === 'docker.io' ? 'index.docker.io' : name.toLowerCase());
  return plain(host) === plain(registry);
}

function credentialsOf(entry: unknown): Credentials | undefined {
  const auth = member(entry, 'auth');
  const text = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString() : undefined;
  const colon = text?.indexOf(':') ?? -1;
  if (text !== undefined && colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  const [username, password] = [member(entry, 'username'), member(entry, 'password')];
  return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
}

function parse(entry: SecretEntry): unknown {
  return entry.type === 'found' ? parseJson(entry.value) : undefined;
}

function entries(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
