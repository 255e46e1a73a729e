import { readFile } from 'node:fs/promises';
import type { Clock } from '../ports/clock.ts';
import { KubeConfigError, type KubeConnection } from './connection.ts';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews the token's file long before it ends. */
const REREAD_MS = 60_000;

/** As the service account of the pod this process runs in. */
export async function inCluster(clock: Clock, env: NodeJS.ProcessEnv = process.env, mount = MOUNT): Promise<KubeConnection> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const [ca, token] = await Promise.all(['ca.crt', 'token'].map((name) => readFile(`${mount}/${name}`, 'utf8').catch(() => undefined)));
  if (host === undefined || port === undefined || ca === undefined || token === undefined) {
    throw new KubeConfigError(
      `no cluster here: KUBERNETES_SERVICE_HOST and ${mount}/token are what a pod with a service account has; outside of one, name a kubeconfig`,
    );
  }
  let [known, readAt] = [token.trim(), clock.now()];
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca,
    async credentials(again) {
      if (again || clock.now() - readAt > REREAD_MS) {
        [known, readAt] = [(await readFile(`${mount}/token`, 'utf8')).trim(), clock.now()];
      }
      return { authorization: `Bearer ${known}` };
    },
  };
}
