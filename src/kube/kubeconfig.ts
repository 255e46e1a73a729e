import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { z } from '../resources/zod.ts';
import { KubeConfigError, type KubeConnection, type KubeCredentials } from './connection.ts';

export interface KubeconfigChoice {
  /** Absent: `KUBECONFIG`, else `~/.kube/config`. */
  readonly file?: string | undefined;
  /** Absent: the current one. */
  readonly context?: string | undefined;
}

const clusterSchema = z.looseObject({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
});
const userSchema = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
});
const contextSchema = z.looseObject({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() });
const named = <T extends z.ZodType>(schema: T, key: string) => z.array(z.looseObject({ name: z.string(), [key]: schema })).nullish();
const fileSchema = z.looseObject({
  clusters: named(clusterSchema, 'cluster'),
  users: named(userSchema.nullish(), 'user'),
  contexts: named(contextSchema, 'context'),
  'current-context': z.string().nullish(),
});

type Cluster = z.infer<typeof clusterSchema>;
type User = z.infer<typeof userSchema>;

/** What an entry came with, and the folder its relative paths are meant from. */
interface Entry<T> {
  readonly value: T;
  readonly folder: string;
}

/** What is read here; whatever else a user's entry has is for Kubernetes' own client library. */
const PLAIN_USER: ReadonlySet<string> = new Set(Object.keys(userSchema.shape));
const PLAIN_CLUSTER: ReadonlySet<string> = new Set([...Object.keys(clusterSchema.shape), 'extensions']);

/**
 * A connection as a kubeconfig has it. Tokens and certificates are read here; programs that give credentials, OIDC, proxies and the like are left to
 * `@kubernetes/client-node`, which takes most of a second to load.
 */
export async function kubeconfigConnection(choice: KubeconfigChoice): Promise<KubeConnection> {
  const files = kubeconfigFiles(choice.file);
  const { clusters, users, contexts, current } = await readAll(files, choice.file !== undefined);
  const name = choice.context ?? current;
  const where = files.join(', ');
  if (name === undefined || name === '') throw new KubeConfigError(`${where}: no current-context: name one with --context`);
  const context = contexts.get(name)?.value;
  if (context === undefined)
    throw new KubeConfigError(`${where}: there is no context "${name}"; there are: ${[...contexts.keys()].join(', ') || 'none'}`);
  const cluster = clusters.get(context.cluster);
  if (cluster === undefined)
    throw new KubeConfigError(`${where}: context "${name}" names the cluster "${context.cluster}", which is not there`);
  const user = context.user === undefined || context.user === '' ? undefined : users.get(context.user);
  if (!isPlain(cluster.value, PLAIN_CLUSTER) || !isPlain(user?.value ?? {}, PLAIN_USER))
    return await (await import('./client-node-connection.ts')).clientNodeConnection(files, name);
  const ca = await dataOrFile(cluster, cluster.value['certificate-authority-data'], cluster.value['certificate-authority']);
  const credentials = user === undefined ? {} : await credentialsOf(user);
  return {
    server: cluster.value.server.replace(/\/+$/, ''),
    ca,
    skipVerification: cluster.value['insecure-skip-tls-verify'],
    namespace: context.namespace,
    credentials: async (again) => (again && user !== undefined ? await credentialsOf(user) : credentials),
  };
}

export function kubeconfigFiles(file: string | undefined): readonly string[] {
  if (file !== undefined) return [resolve(file)];
  const listed = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed.map((path) => resolve(path)) : [join(homedir(), '.kube', 'config')];
}

/** Several files are one: what a name means is said by the first that says it. A missing one is passed over, unless it was asked for by name. */
async function readAll(files: readonly string[], asked: boolean) {
  const clusters = new Map<string, Entry<Cluster>>();
  const users = new Map<string, Entry<User>>();
  const contexts = new Map<string, Entry<z.infer<typeof contextSchema>>>();
  let current: string | undefined;
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (missing && !asked) return undefined;
      throw new KubeConfigError(`cannot read the kubeconfig ${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
    });
    if (text === undefined) continue;
    const folder = dirname(file);
    const parsed = parse(file, text);
    addTo(clusters, parsed.clusters, 'cluster', folder);
    addTo(users, parsed.users, 'user', folder);
    addTo(contexts, parsed.contexts, 'context', folder);
    current ??= parsed['current-context'] || undefined;
  }
  return { clusters, users, contexts, current };
}

function parse(file: string, text: string): z.infer<typeof fileSchema> {
  let raw: unknown;
  try {
    raw = load(text) ?? {};
  } catch (error) {
    throw new KubeConfigError(`${file}: not valid YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`, {
      cause: error,
    });
  }
  const parsed = fileSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new KubeConfigError(`${file}: not a kubeconfig: ${issue?.path.join('.')}: ${issue?.message}`);
}

function addTo<T>(
  known: Map<string, Entry<T>>,
  entries: readonly Readonly<Record<string, unknown>>[] | null | undefined,
  key: string,
  folder: string,
): void {
  for (const entry of entries ?? []) {
    const name = entry['name'] as string;
    if (!known.has(name)) known.set(name, { value: (entry[key] ?? {}) as T, folder });
  }
}

function isPlain(entry: object, known: ReadonlySet<string>): boolean {
  return Object.keys(entry).every((key) => known.has(key));
}

async function credentialsOf(entry: Entry<User>): Promise<KubeCredentials> {
  const { value } = entry;
  const token = value.token ?? (value.tokenFile === undefined ? undefined : await fileOf(entry, value.tokenFile));
  return {
    authorization: token === undefined ? undefined : `Bearer ${String(token).trim()}`,
    cert: await dataOrFile(entry, value['client-certificate-data'], value['client-certificate']),
    key: await dataOrFile(entry, value['client-key-data'], value['client-key']),
  };
}

async function dataOrFile(entry: Entry<unknown>, data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64');
  return file === undefined || file === '' ? undefined : await fileOf(entry, file);
}

async function fileOf({ folder }: Entry<unknown>, file: string): Promise<Buffer> {
  const path = resolve(folder, file);
  return await readFile(path).catch((error: unknown) => {
    throw new KubeConfigError(`cannot read ${path}, which the kubeconfig names: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  });
}
