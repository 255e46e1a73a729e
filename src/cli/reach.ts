import type { KubeConnection } from '../kube/connection.ts';
import { bearer, fixedCredentials } from '../kube/credentials.ts';
import { KubeconfigError } from '../kube/kubeconfig.ts';
import { loadKubeconfig } from '../kube/load-kubeconfig.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { type ConnectionOptions, findServer, type ServerRecord } from './connection.ts';

/** What a command speaks to: a server of ours, or a cluster's API with a server of ours somewhere in it. */
export interface Reached {
  readonly connection: KubeConnection;
  /** The listener for webhooks; empty if it is not known. */
  readonly ingress: string;
  /** Absent: the server answers for the event journal itself. */
  readonly inCluster?: InCluster | undefined;
}

/** The server of ours in a cluster, behind the API server's proxy of services. */
export interface InCluster {
  readonly namespace: string;
  readonly service: string;
  /** Of our server's API: the cluster keeps the credentials that it has been shown to itself. */
  readonly token: string | undefined;
}

/** What the chart's Service is called when the release is, as its README has it, `tappet` in the namespace `tappet`. */
const API_SERVICE = 'tappet/tappet-api';

/**
 * What is said on the command line comes before what the environment says: `--kubeconfig` or `--context` (with that alone, of KUBECONFIG or
 * `~/.kube/config`), `--server`, `--data-dir`; TAPPET_SERVER, TAPPET_KUBECONFIG or TAPPET_CONTEXT; and else the server of this machine.
 */
export async function reach(options: ConnectionOptions): Promise<Reached> {
  const { kubeconfig, context, server, dataDir } = options;
  const cluster = kubeconfig !== undefined || context !== undefined;
  if (cluster && (server !== undefined || dataDir !== undefined))
    throw new CliError(
      exitCodes.usage,
      '--kubeconfig and --context name one server, --server and --data-dir another: leave out one of them',
    );
  if (cluster) return ofKubeconfig({ kubeconfig, context }, options);
  const env = { kubeconfig: process.env['TAPPET_KUBECONFIG'] || undefined, context: process.env['TAPPET_CONTEXT'] || undefined };
  const asked = env.kubeconfig !== undefined || env.context !== undefined;
  if (asked && server === undefined && dataDir === undefined && !process.env['TAPPET_SERVER']) return ofKubeconfig(env, options);
  return ofRecord(await findServer(options));
}

export function ofRecord({ api, ingress, token }: ServerRecord): Reached {
  const credentials = fixedCredentials(token === undefined ? { headers: {} } : bearer(token));
  return { connection: { server: api, credentials }, ingress };
}

async function ofKubeconfig(
  { kubeconfig, context }: Pick<ConnectionOptions, 'kubeconfig' | 'context'>,
  { token, apiService }: ConnectionOptions,
): Promise<Reached> {
  const place = apiService ?? (process.env['TAPPET_API_SERVICE'] || API_SERVICE);
  const [, namespace, service] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(place) ?? [];
  if (namespace === undefined || service === undefined)
    throw new CliError(
      exitCodes.usage,
      `--api-service (or TAPPET_API_SERVICE): got "${place}", expected NAMESPACE/NAME like ${API_SERVICE}`,
    );
  try {
    const connection = await loadKubeconfig({ file: kubeconfig, context });
    return { connection, ingress: '', inCluster: { namespace, service, token: token ?? (process.env['TAPPET_TOKEN'] || undefined) } };
  } catch (error) {
    throw error instanceof KubeconfigError ? new CliError(exitCodes.usage, error.message, { cause: error }) : error;
  }
}
