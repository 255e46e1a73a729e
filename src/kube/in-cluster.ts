import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { KubeConnection } from './connection.ts';
import { bearer, renewableCredentials } from './credentials.ts';
import { KubeconfigError } from './kubeconfig.ts';

export interface InClusterFacts {
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where Kubernetes mounts a pod's service account. */
  readonly folder?: string | undefined;
}

/** The kubelet renews a token well before its end; read again this often, as client-go does. */
const TOKEN_GOOD_MS = 60_000;

/** The connection of a program that runs in a pod, by its service account. */
export async function inCluster({
  env = process.env,
  folder = '/var/run/secrets/kubernetes.io/serviceaccount',
}: InClusterFacts = {}): Promise<KubeConnection> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '')
    throw new KubeconfigError('not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; use a kubeconfig');
  const read = (file: string): Promise<string> =>
    readFile(join(folder, file), 'utf8').catch((error: unknown) => {
      throw new KubeconfigError(
        `cannot read the service account's ${join(folder, file)}: does the pod set automountServiceAccountToken: false?`,
        { cause: error },
      );
    });
  const [authority, namespace] = await Promise.all([read('ca.crt'), read('namespace')]);
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim(),
    authority,
    credentials: renewableCredentials(async (now) => ({ credentials: bearer((await read('token')).trim()), until: now + TOKEN_GOOD_MS })),
  };
}
