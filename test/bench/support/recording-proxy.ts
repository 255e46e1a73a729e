import { createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubeConnection } from '../../../src/kube/connection.ts';

export interface RecordingProxy {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  /** A kubeconfig that leads through it, as JSON, which is YAML. */
  readonly kubeconfig: string;
  /** Requests since the start or the last `reset`, by what RBAC would call them: `create pods`, `update taskruns/status`. Most first. */
  counts(): ReadonlyMap<string, number>;
  readonly total: number;
  reset(): void;
  close(): Promise<void>;
}

/**
 * Stands between an engine and an API server and counts. It speaks plain HTTP on loopback to the engine and shows the server the connection's own
 * credentials; who is impersonated passes through.
 */
export async function startRecordingProxy(connection: KubeConnection): Promise<RecordingProxy> {
  let counted = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const what = nameOf(incoming.method ?? 'GET', incoming.url ?? '/');
    counted.set(what, (counted.get(what) ?? 0) + 1);
    void passOn(connection, incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const name = 'recorded';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: connection.namespace } }],
    'current-context': name,
  };
  return {
    url,
    kubeconfig: `${JSON.stringify(config)}\n`,
    counts: () => new Map([...counted].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
    get total() {
      return [...counted.values()].reduce((sum, count) => sum + count, 0);
    },
    reset() {
      counted = new Map();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function passOn(connection: KubeConnection, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const credentials = await connection.credentials.current(Date.now());
  const target = new URL(connection.server);
  const { host: _, authorization: __, ...headers } = incoming.headers;
  const options = {
    method: incoming.method,
    path: target.pathname.replace(/\/$/, '') + (incoming.url ?? '/'),
    host: target.hostname,
    port: target.port,
    headers: { ...headers, ...(credentials.headers as Record<string, string>) },
    ca: connection.authority,
    cert: credentials.certificate,
    key: credentials.key,
    ...(connection.serverName !== undefined && { servername: connection.serverName }),
    rejectUnauthorized: connection.insecure !== true,
  };
  const request = target.protocol === 'https:' ? tlsRequest(options) : plainRequest(options);
  request.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  request.on('error', () => outgoing.destroy());
  outgoing.on('close', () => request.destroy());
  incoming.pipe(request);
}

/** `GET /apis/tekton.dev/v1/namespaces/ci/taskruns?watch=1` is `watch taskruns`; what is no resource, `get /version`. */
function nameOf(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://x');
  const [, ...parts] = pathname.split('/');
  const rest = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : [];
  if (rest.length === 0) return `${method.toLowerCase()} ${pathname}`;
  const inNamespace = rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status';
  const [resource, name, subresource] = inNamespace ? rest.slice(2) : rest;
  const watching = ['1', 'true'].includes(searchParams.get('watch') ?? '');
  const reading = watching ? 'watch' : name === undefined ? 'list' : 'get';
  const writing = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: name === undefined ? 'deletecollection' : 'delete' };
  const verb = method === 'GET' ? reading : (writing[method as keyof typeof writing] ?? method.toLowerCase());
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}
