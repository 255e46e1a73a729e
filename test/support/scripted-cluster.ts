import type { ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { KubernetesRuntime, type KubernetesRuntimeOptions } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import type { WirePod } from '../../src/runtimes/kubernetes/observation/pod-status.ts';
import type { PodManifest } from '../../src/runtimes/kubernetes/pod/pod-manifest.ts';
import { connectionTo } from './kube-connection.ts';
import { type LocalServer, localServer, type Received } from './local-server.ts';
import { ManualClock } from './manual-clock.ts';
import { silentLogger } from './silent-logger.ts';

/** What the API server says to a pod that is to be created: a `Status`, or nothing, which is yes. */
export type Refusal = { readonly code: number; readonly reason: string; readonly message: string } | undefined;

/** As much of an API server as a runtime of pods sees, with no controllers behind it: the test says what becomes of pods. */
export interface ScriptedCluster {
  readonly runtime: KubernetesRuntime;
  readonly clock: ManualClock;
  readonly server: LocalServer;
  /** As they were asked for, in order. */
  readonly created: readonly PodManifest[];
  /** Answers to those that are to be created next, in turn; then yes. */
  readonly refusals: Refusal[];
  /** `GET /api/v1/limitranges`; a code refuses. */
  limitRanges: readonly object[] | number;
  /** The pod that was created last gets a status; `undefined`: it is deleted for good. */
  becomes(status: WirePod['status'] | undefined, more?: Partial<WirePod['spec']>): Promise<void>;
  requestsOf(method: string, path: RegExp): readonly Received[];
}

export async function scriptedCluster(options: Partial<KubernetesRuntimeOptions> = {}): Promise<ScriptedCluster> {
  const clock = new ManualClock();
  const created: PodManifest[] = [];
  const refusals: Refusal[] = [];
  const watchers = new Set<ServerResponse>();
  const told: { readonly version: number; readonly line: string }[] = [];
  let version = 1;
  let lastStatus: WirePod['status'] = { phase: 'Pending' };

  const answer = (response: ServerResponse, code: number, body: unknown): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const status = (code: number, reason: string, message: string): object => ({ kind: 'Status', code, reason, message });
  /** Resolves when the runtime has heard of it. */
  const tell = (type: string, object: unknown): Promise<void> => {
    const heard = new Promise<void>((resolve) => {
      const stop = runtime.onChange(() => {
        stop();
        resolve();
      });
    });
    const line = `${JSON.stringify({ type, object })}\n`;
    told.push({ version, line });
    for (const watcher of watchers) watcher.write(line);
    return heard;
  };

  function create(body: string, response: ServerResponse): void {
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      answer(response, refusal.code, status(refusal.code, refusal.reason, refusal.message));
      return;
    }
    const manifest = JSON.parse(body) as PodManifest;
    created.push(manifest);
    const metadata = { ...manifest.metadata, uid: `pod-${created.length}`, resourceVersion: String(++version) };
    const pod = { ...manifest, metadata, status: { phase: 'Pending' } };
    void tell('ADDED', pod).then(() => answer(response, 201, pod));
  }

  const server = await localServer(({ method, path, body }, response) => {
    const { pathname, searchParams } = new URL(path, 'http://cluster');
    if (method === 'POST' && pathname.endsWith('/pods')) return create(body, response);
    if (method !== 'GET') return answer(response, 200, {});
    if (searchParams.get('watch') !== null) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      if (!pathname.endsWith('/pods')) return;
      const since = Number(searchParams.get('resourceVersion'));
      for (const event of told) if (event.version > since) response.write(event.line);
      watchers.add(response.on('close', () => watchers.delete(response)));
      return;
    }
    const items = pathname.endsWith('/limitranges') ? cluster.limitRanges : [];
    if (typeof items === 'number')
      return answer(response, items, status(items, 'Forbidden', 'User "bot" cannot list resource "limitranges" in API group ""'));
    answer(response, 200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: String(version) }, items });
  });
  const client = createKubeClient(connectionTo(server.url), { clock, qps: 10_000, burst: 10_000 });
  const runtime = new KubernetesRuntime({
    client,
    clock,
    logger: silentLogger,
    settings: { toolsImage: 'tools', delivery: 'image-volume', restrictsOwnContainers: false, readOnlyRoot: false },
    lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
    ...options,
  });
  onTestFinished(async () => {
    await runtime.close();
    client.close();
  });

  const cluster: ScriptedCluster = {
    runtime,
    clock,
    server,
    created,
    refusals,
    limitRanges: [],
    async becomes(podStatus, more) {
      const manifest = created.at(-1);
      const metadata = { ...manifest?.metadata, uid: `pod-${created.length}`, resourceVersion: String(++version) };
      const pod = { ...manifest, metadata, spec: { ...manifest?.spec, ...more }, status: podStatus };
      lastStatus = podStatus ?? lastStatus;
      await tell(podStatus === undefined ? 'DELETED' : 'MODIFIED', { ...pod, status: lastStatus });
    },
    requestsOf: (method, path) => server.requests.filter((request) => request.method === method && path.test(request.path)),
  };
  return cluster;
}
