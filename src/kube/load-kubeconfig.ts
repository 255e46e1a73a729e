import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConnection } from './connection.ts';
import { type Kubeconfig, KubeconfigError, mergeKubeconfigs, parseKubeconfig, textField } from './kubeconfig.ts';
import { userCredentials } from './user-credentials.ts';

export interface KubeconfigChoice {
  /** Absent: those that the environment's KUBECONFIG lists, or `~/.kube/config`. */
  readonly file?: string | undefined;
  /** Absent: the file's current one. */
  readonly context?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The connection that a kubeconfig describes. Throws `KubeconfigError`, which says what to write where. */
export async function loadKubeconfig({ file, context, env = process.env }: KubeconfigChoice = {}): Promise<KubeConnection> {
  const files = file === undefined ? defaultFiles(env) : [file];
  const texts = await Promise.all(files.map((path) => read(path, files.length === 1)));
  const config = mergeKubeconfigs(texts.flatMap((text, index) => (text === undefined ? [] : [parseKubeconfig(text, files[index] ?? '')])));
  return connectionOf(config, context, files.join(delimiter));
}

async function connectionOf(config: Kubeconfig, asked: string | undefined, source: string): Promise<KubeConnection> {
  const wrong = (problem: string): KubeconfigError => new KubeconfigError(`kubeconfig ${source}: ${problem}`);
  const name = asked ?? config.currentContext;
  const known = [...config.contexts.keys()].join(', ') || 'none';
  if (name === undefined) throw wrong(`no current-context is set; name one with --context (there are: ${known})`);
  const context = config.contexts.get(name);
  if (context === undefined) throw wrong(`there is no context "${name}" (there are: ${known})`);
  const clusterName = textField(context, 'cluster') ?? '';
  const cluster = config.clusters.get(clusterName);
  if (cluster === undefined) throw wrong(`context "${name}" names the cluster "${clusterName}", which is not there`);
  const userName = textField(context, 'user');
  const user = userName === undefined ? {} : config.users.get(userName);
  if (user === undefined) throw wrong(`context "${name}" names the user "${userName}", which is not there`);
  if (textField(cluster, 'proxy-url') !== undefined) throw wrong(`cluster "${clusterName}": proxy-url is not supported`);

  const server = textField(cluster, 'server') ?? '';
  if (!/^https?:\/\/[^/]/.test(server) || !URL.canParse(server))
    throw wrong(`cluster "${clusterName}": server: got "${server}", expected a URL like https://10.0.0.1:6443`);
  return {
    server: server.replace(/\/+$/, ''),
    namespace: textField(context, 'namespace'),
    authority: await pemOf(cluster, 'certificate-authority', wrong),
    serverName: textField(cluster, 'tls-server-name'),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    credentials: userCredentials(user, { name: userName ?? '', cluster, wrong }),
  };
}

function defaultFiles(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** One of a list may be missing, as for `kubectl`. */
async function read(file: string, needed: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && !needed) return undefined;
    const problem =
      code === 'ENOENT' ? 'there is no such file; name one with --kubeconfig or KUBECONFIG' : `cannot be read (${String(code)})`;
    throw new KubeconfigError(`kubeconfig ${file}: ${problem}`, { cause: error });
  }
}

/** `<field>-data` in base64, or the file that `<field>` names. */
async function pemOf(
  entry: Readonly<Record<string, unknown>>,
  field: string,
  wrong: (problem: string) => KubeconfigError,
): Promise<string | undefined> {
  const data = textField(entry, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = textField(entry, field);
  if (file === undefined) return undefined;
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong(`${field}: ${error instanceof Error ? error.message : String(error)}`);
  });
}
