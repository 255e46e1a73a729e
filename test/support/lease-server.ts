import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { type LocalServer, localServer, type Received } from './local-server.ts';

interface Lease {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface LeaseServer {
  readonly url: string;
  /** As the API server has them now, by name. */
  readonly leases: ReadonlyMap<string, Lease>;
  /** When renewals came, by the name of the Lease: what `renewTime` says. */
  readonly renewals: ReadonlyMap<string, readonly string[]>;
  /** Answers a request before the API does; `true`: it is answered, or never will be. */
  intercept: (request: Received, response: ServerResponse) => boolean;
  /** Watches hear nothing any more, though they stay open. */
  deaf: boolean;
  remove(name: string): void;
  /** Ends all watches: with 410, or by cutting their connections. */
  endWatches(how: 'expired' | 'cut'): void;
  stop(): Promise<void>;
  /** The same Leases at the same address. */
  restart(): Promise<void>;
  /** Lets all requests that are on their way be answered. */
  settle(): Promise<void>;
}

/** The API of Leases in the namespace `tappet`, as far as replicas use it: list, watch, get, create, merge patch with a version, delete with preconditions. */
export async function leaseServer(): Promise<LeaseServer> {
  const leases = new Map<string, Lease>();
  const renewals = new Map<string, string[]>();
  const watches = new Set<ServerResponse>();
  let version = 100;
  let server: LocalServer;

  const tell = (type: string, object: Lease): void => {
    if (!made.deaf) for (const watch of watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  };
  const put = (name: string, type: 'ADDED' | 'MODIFIED', uid: string, spec: Lease['spec']): Lease => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, uid, resourceVersion: String(++version) },
      spec,
    };
    leases.set(name, lease);
    renewals.set(name, [...(renewals.get(name) ?? []), String(spec['renewTime'])]);
    tell(type, lease);
    return lease;
  };
  const remove = (name: string): void => {
    const lease = leases.get(name);
    if (!leases.delete(name) || lease === undefined) return;
    tell('DELETED', { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++version) } });
  };

  /** Status and body, or a watch. */
  const serve = ({ method, path, body: text }: Received): readonly [number, unknown] | 'watch' => {
    const { pathname, searchParams } = new URL(path, 'http://api');
    const name = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/tappet\/leases(?:\/(.+))?$/.exec(pathname)?.[1] ?? '';
    const body = text === '' ? {} : JSON.parse(text);
    if (name === '' && method === 'GET') {
      expect(searchParams.get('labelSelector')).toBe('tappet.dev/replicas-of=test');
      if (searchParams.has('watch')) return 'watch';
      return [200, { kind: 'LeaseList', metadata: { resourceVersion: String(version) }, items: [...leases.values()] }];
    }
    if (name === '') {
      if (leases.has(body.metadata.name)) return no(409, 'AlreadyExists');
      return [201, put(body.metadata.name, 'ADDED', `uid-${version}`, body.spec)];
    }
    const known = leases.get(name);
    if (known === undefined) return no(404, 'NotFound');
    if (method === 'GET') return [200, known];
    const { resourceVersion } = body.preconditions ?? body.metadata;
    if (resourceVersion !== known.metadata.resourceVersion) return no(409, 'Conflict');
    if (method === 'PATCH') return [200, put(name, 'MODIFIED', known.metadata.uid, { ...known.spec, ...body.spec })];
    remove(name);
    return [200, { kind: 'Status' }];
  };
  const answer = (request: Received, response: ServerResponse): void => {
    if (request.path === '/settle') {
      response.end();
      return;
    }
    if (made.intercept(request, response)) return;
    const answered = serve(request);
    if (answered !== 'watch') {
      reply(response, ...answered);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    watches.add(response);
    response.on('close', () => watches.delete(response));
  };

  server = await localServer(answer);
  const made: LeaseServer = {
    url: server.url,
    leases,
    renewals,
    intercept: () => false,
    deaf: false,
    remove,
    endWatches(how) {
      const expired = `${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`;
      for (const watch of watches) {
        if (how === 'expired') watch.end(expired);
        else watch.socket?.destroy();
      }
    },
    stop: () => server.stop(),
    async restart() {
      server = await localServer(answer, undefined, server.port);
    },
    async settle() {
      // What was sent before has been answered long before these have; a server that is not there refuses at once.
      for (let round = 0; round < 3; round++) {
        await fetch(`${server.url}/settle`).catch(() => undefined);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  return made;
}

export function refuse(response: ServerResponse, code: number, reason: string, message: string = reason): void {
  reply(response, ...no(code, reason, message));
}

function no(code: number, reason: string, message: string = reason): readonly [number, unknown] {
  return [code, { kind: 'Status', code, reason, message }];
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
