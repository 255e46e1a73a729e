import type { Request, Response } from 'express';
import type { KubeObject, Stored } from '../../resources/object.ts';
import { badRequest, notFound } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { queryText } from './query.ts';

/** `GET …/pods/<name>/log?container=&follow=`: what a container wrote, as it wrote it. */
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
  const follow = ['1', 'true'].includes(queryText(request.query['follow']) ?? '');
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
    for await (const chunk of options.podLogs(namespace, name, container, { follow, signal })) {
      if (signal.aborted) break;
      if (!response.write(chunk)) await drained(response, signal);
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
