import type { Agent } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeConfigError, type KubeConnection, type KubeCredentials } from './connection.ts';

/** Credentials by `@kubernetes/client-node`: programs (`exec`), OIDC, and whatever else it knows. Loaded only where it is needed. */
export async function clientNodeConnection(files: readonly string[], context: string): Promise<KubeConnection> {
  const config = new KubeConfig();
  const [first = '', ...others] = files;
  config.loadFromFile(first);
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new KubeConfigError(`${first}: context "${context}" names no cluster that is there`);
  const ask = async (): Promise<KubeCredentials> => {
    const options: { headers?: Record<string, string>; cert?: Buffer; key?: Buffer; agent?: Agent } = {};
    await config.applyToHTTPSOptions(options);
    return { authorization: options.headers?.['Authorization'], cert: options.cert, key: options.key };
  };
  return {
    server: cluster.server.replace(/\/+$/, ''),
    ca: cluster.caData === undefined ? undefined : Buffer.from(cluster.caData, 'base64'),
    skipVerification: cluster.skipTLSVerify,
    namespace: config.getContextObject(context)?.namespace,
    // It keeps what it has for as long as it is good.
    credentials: ask,
  };
}
