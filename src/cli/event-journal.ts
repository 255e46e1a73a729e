import { type KubeClient, KubeError, type KubeRequest } from '../kube/kube-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { InCluster } from './reach.ts';

/**
 * Asks for the event journal. A cluster's API server knows nothing of it: it passes such requests on to our server, through its proxy of services, and
 * keeps `Authorization` to itself, which is why our token goes by another header. A kubeconfig may also lead to a server of ours; that one answers itself.
 */
export function eventJournal(client: KubeClient, inCluster: InCluster | undefined): <T>(request: KubeRequest) => Promise<T> {
  let itself: Promise<boolean> | undefined;
  return async <T>(request: KubeRequest): Promise<T> => {
    itself ??= inCluster === undefined ? Promise.resolve(true) : isOurs(client);
    if (inCluster === undefined || (await itself)) return (await client.request<T>(request)).body;
    const { namespace, service, token } = inCluster;
    const path = `/api/v1/namespaces/${namespace}/services/https:${service}:api/proxy${request.path}`;
    const headers: Readonly<Record<string, string>> = token === undefined ? {} : { 'x-tappet-authorization': `Bearer ${token}` };
    try {
      return (await client.request<T>({ ...request, path, headers })).body;
    } catch (error) {
      if (!(error instanceof KubeError) || !/services? "/.test(error.message)) throw error;
      const why = `events are kept by Tappet's server in the cluster, which is not reached as Service ${namespace}/${service}: ${error.message}`;
      throw new CliError(exitCodes.unavailable, `${why}; name it with --api-service NAMESPACE/NAME`, { cause: error });
    }
  };
}

async function isOurs(client: KubeClient): Promise<boolean> {
  const { body } = await client.request<{ readonly platform?: string }>({ method: 'GET', path: '/version' });
  return body.platform === 'tappet';
}
