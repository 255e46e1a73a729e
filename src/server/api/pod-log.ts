import type { Request, Response } from 'express';
import type { KubeObject, Stored } from '../../resources/object.ts';
import { badRequest, notFound } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { lastLines, stampLines } from './last-lines.ts';
import { queryCount, queryFlag, queryText } from './query.ts';

/**
 * `GET …/pods/<name>/log?container=&follow=&tailLines=&limitBytes=&sinceSeconds=&sinceTime=&timestamps=`: what a container wrote, as it wrote it.
 *
 * Containers write straight to their files, and nobody notes when: a line's time is when it was read while its container runs, and when the
 * container ended after that. `since` leaves out the whole output of one that ended before.
 */
export async function podLog(
  options: ApiOptions,
  request: Request,
  response: Response,
  namespace: string,
  name: string,
  closing: AbortSignal,
): Promise<void> {
  const pod = await options.store.get({ kind: 'Pod', namespace, name });
  if (pod === undefined) throw notFound('pods', '', name);
  const container = chosenContainer(pod, queryText(request.query['container']));
  const { query } = request;
  if (queryFlag(query['previous']))
    throw badRequest(`previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`);
  const follow = queryFlag(query['follow']);
  const tail = queryText(query['tailLines']) === '0' ? 0 : queryCount(query['tailLines'], 'tailLines');
  const limit = queryCount(query['limitBytes'], 'limitBytes') ?? Number.POSITIVE_INFINITY;
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, closing]);
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.flushHeaders();
  try {
    const endedAt = endOf(pod, container);
    if (endedAt !== undefined && endedAt < sinceOf(query, options.clock.now())) return;
    const read = (following: boolean): AsyncIterable<Buffer> => options.podLogs(namespace, name, container, { follow: following, signal });
    const chunks = tail === undefined ? read(follow) : lastLines(read, tail, follow);
    const stamped = queryFlag(query['timestamps']) ? stampLines(chunks, () => endedAt ?? options.clock.now()) : chunks;
    let left = limit;
    for await (const chunk of stamped) {
      if (signal.aborted || left <= 0) break;
      const shown = chunk.subarray(0, left);
      left -= shown.length;
      if (!response.write(shown)) await drained(response, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    response.end();
  }
}

function chosenContainer(pod: Stored<KubeObject>, asked: string | undefined): string {
  const names = containerNames(pod);
  if (asked !== undefined) {
    if (names.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}; it has: ${names.join(', ')}`);
  }
  const [only, ...more] = names;
  if (only === undefined || more.length > 0) {
    throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`);
  }
  return only;
}

/** Milliseconds; `undefined`: it has not ended. */
function endOf(pod: Stored<KubeObject>, container: string): number | undefined {
  const { containerStatuses } = (pod['status'] ?? {}) as { readonly containerStatuses?: readonly ContainerStatus[] };
  const finishedAt = containerStatuses?.find(({ name }) => name === container)?.state?.terminated?.finishedAt;
  return finishedAt === undefined ? undefined : Date.parse(finishedAt);
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly terminated?: { readonly finishedAt?: string } };
}

/** Milliseconds since the epoch. */
function sinceOf(query: Request['query'], now: number): number {
  const seconds = queryCount(query['sinceSeconds'], 'sinceSeconds');
  const time = queryText(query['sinceTime']);
  if (seconds !== undefined && time !== undefined) throw badRequest('at most one of sinceTime or sinceSeconds may be specified');
  if (time === undefined) return seconds === undefined ? Number.NEGATIVE_INFINITY : now - seconds * 1_000;
  const at = Date.parse(time);
  if (Number.isNaN(at)) throw badRequest(`invalid sinceTime ${JSON.stringify(time)}: expected RFC 3339`);
  return at;
}

function containerNames(pod: Stored<KubeObject>): string[] {
  const spec = (pod['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  return ['containers', 'initContainers'].flatMap((field) => {
    const containers = spec[field];
    return Array.isArray(containers) ? containers.map((container) => String((container as { name?: unknown }).name)) : [];
  });
}

function drained(response: Response, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
