import type { KubeConnection } from '../../src/kube/connection.ts';
import { bearer, fixedCredentials } from '../../src/kube/credentials.ts';

/** To a server on loopback that asks for nothing. */
export function connectionTo(server: string, token = 'secret-token'): KubeConnection {
  return { server, credentials: fixedCredentials(bearer(token)) };
}
