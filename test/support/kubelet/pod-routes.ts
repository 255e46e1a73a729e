import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ObjectKey, Store } from '../../../src/ports/store.ts';
import type { Stored } from '../../../src/resources/object.ts';
import { timestamp } from '../../../src/resources/timestamp.ts';
import type { RequestHandler } from '../../../src/server/listen.ts';
import { GRACE, shown } from './graceful-pods.ts';
import { graceOf, hasEnded, type Pod } from './pod.ts';

/** Refused, in the API server's words. */
class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** What the API server does about pods beyond keeping them: binding, deletion with a grace period, and saying why there is no log yet. */
export function podRoutes(store: Store, others: RequestHandler): RequestHandler {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const [, namespace, name, subresource] = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (namespace === undefined || name === undefined) return others(request, response);
    const key = { kind: 'Pod', namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) };
    const answer = route(store, key, request, url, subresource);
    if (answer === undefined) return others(request, response);
    answer.then(
      (body) => (body === undefined ? others(request, response) : send(response, subresource === 'binding' ? 201 : 200, body)),
      (error: unknown) => refuse(response, error),
    );
  };
}

/** `undefined`, also when it comes later: the API itself answers. */
function route(
  store: Store,
  key: ObjectKey,
  request: IncomingMessage,
  url: URL,
  subresource: string | undefined,
): Promise<object | undefined> | undefined {
  if (request.method === 'DELETE' && subresource === undefined) return deletePod(store, key, request, url);
  if (request.method === 'POST' && subresource === 'binding') return bind(store, key, request);
  if (request.method === 'GET' && subresource === 'log') return checkLog(store, key, url.searchParams.get('container'));
  return undefined;
}

async function bind(store: Store, key: ObjectKey, request: IncomingMessage): Promise<object> {
  const { target } = (await bodyOf(request)) as { readonly target?: { readonly name?: string } };
  const pod = await find(store, key);
  if (pod.spec.nodeName !== undefined)
    throw conflict(key, `pod ${key.name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  // Before the node: whoever sees it there finds both.
  const condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(Date.now()) };
  await store.patch(key, { status: { phase: 'Pending', conditions: [condition] } }, { subresource: 'status' });
  await store.patch(key, { spec: { nodeName: target?.name } });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

/** Follows kubernetes pkg/registry/core/pod/strategy.go, `CheckGracefulDelete`: at once where no kubelet has to do with it. */
async function deletePod(store: Store, key: ObjectKey, request: IncomingMessage, url: URL): Promise<object> {
  const { gracePeriodSeconds, preconditions } = (await bodyOf(request)) as {
    readonly gracePeriodSeconds?: number;
    readonly preconditions?: { readonly uid?: string };
  };
  const pod = await find(store, key);
  const { uid, annotations, deletionTimestamp } = pod.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid)
    throw conflict(key, `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`);
  const inQuery = url.searchParams.get('gracePeriodSeconds');
  const asked = gracePeriodSeconds ?? (inQuery === null ? graceOf(pod) : Number(inQuery));
  const grace = pod.spec.nodeName === undefined || hasEnded(pod) ? 0 : asked < 0 ? 1 : asked;
  if (grace === 0) {
    const last = await store.patch(key, { metadata: { finalizers: null } });
    await store.delete(key, { uid });
    return shown(last);
  }
  const left = deletionTimestamp === undefined ? Number.POSITIVE_INFINITY : Number(annotations?.[GRACE] ?? graceOf(pod));
  if (grace < left) await store.patch(key, { metadata: { annotations: { [GRACE]: String(grace) } } });
  return shown((await store.delete(key, { uid })) ?? pod);
}

/** A kubelet has no output of what has not begun, and says so. */
async function checkLog(store: Store, key: ObjectKey, container: string | null): Promise<undefined> {
  const { spec, status } = await find(store, key);
  if (spec.nodeName === undefined) throw new Refusal(400, 'BadRequest', `pod ${key.name} does not have a host assigned`);
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  const seen = [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
  const waiting = seen?.state.waiting;
  if (waiting === undefined || seen?.lastState.terminated !== undefined) return undefined;
  throw new Refusal(
    400,
    'BadRequest',
    `container ${JSON.stringify(container)} in pod ${JSON.stringify(key.name)} is waiting to start: ${waiting.reason}`,
  );
}

async function find(store: Store, key: ObjectKey): Promise<Pod> {
  const pod = await store.get(key);
  if (pod === undefined) throw new Refusal(404, 'NotFound', `pods ${JSON.stringify(key.name)} not found`);
  return pod as Stored as unknown as Pod;
}

function conflict({ name }: ObjectKey, why: string): Refusal {
  return new Refusal(409, 'Conflict', `Operation cannot be fulfilled on pods ${JSON.stringify(name)}: ${why}`);
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown): void {
  const { code, reason, message } = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
  send(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}
