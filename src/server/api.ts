import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { AccessControl } from './access/access-control.ts';
import { serveSelfReviews } from './access/self-reviews.ts';
import { ApiError, asApiError, sendError } from './api/api-error.ts';
import type { ApiOptions } from './api/api-options.ts';
import { discover } from './api/discovery.ts';
import { serveEventActions } from './api/event-actions.ts';
import { getEvent, listEvents } from './api/event-routes.ts';
import { PodStreams } from './api/exec.ts';
import { answerInterceptor } from './api/interceptor-route.ts';
import { serveOpenApi } from './api/openapi-routes.ts';
import { podLog } from './api/pod-log.ts';
import { queryFlag } from './api/query.ts';
import { deleteCollection, deleteResource } from './api/resource-deletes.ts';
import { parseResourcePath, type ResourcePath, typeKey } from './api/resource-path.ts';
import { getResource, listResources } from './api/resource-reads.ts';
import { ResourceWrites } from './api/resource-writes.ts';
import { runSchedule } from './api/schedule-routes.ts';
import { watch } from './api/watch.ts';
import { metricsText } from './metrics/metrics-text.ts';

export interface Api {
  readonly app: Express;
  /** Takes a connection that is to speak WebSocket: `exec` and `attach`. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends watches, followed logs and commands beside containers, so that the server can close. */
  close(): void;
}

/** Kubernetes' version whose conventions are followed; `kubectl` reads it. */
const KUBERNETES = { major: '1', minor: '31' };

/** The private side: resources in Kubernetes' REST form, the event journal, pod logs, health and metrics. */
export function createApi(options: ApiOptions): Api {
  const closing = new AbortController();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.get(['/livez', '/healthz'], (_request, response) => {
    response.type('text').send('ok');
  });
  app.get('/readyz', (_request, response) => {
    const { ready, text } = options.readiness?.() ?? { ready: true, text: 'ok' };
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(text);
  });
  const accessControl = new AccessControl(options);
  app.use(accessControl.guard);
  app.get('/version', (_request, response) => {
    response.json({
      ...KUBERNETES,
      gitVersion: `v${KUBERNETES.major}.${KUBERNETES.minor}.0+tappet.${options.version}`,
      platform: 'tappet',
    });
  });
  app.get('/metrics', async (_request, response) => {
    const { text, contentType } = await metricsText(options.metrics);
    response.type(contentType).send(text);
  });
  serveSelfReviews(app);
  serveOpenApi(app, options);
  app.get('/apis/tappet.dev/v1alpha1/events', (request, response) => listEvents(options.journal, request, response, undefined));
  app.get('/apis/tappet.dev/v1alpha1/namespaces/:namespace/events', (request, response) =>
    listEvents(options.journal, request, response, request.params.namespace),
  );
  app.get('/apis/tappet.dev/v1alpha1/events/:id', (request, response) => getEvent(options.journal, request, response, request.params.id));

  serveEventActions(app, options.eventActions);

  app.post('/interceptors/:name', (request, response) => answerInterceptor(options.interceptors, request, response, request.params.name));
  const { schedules } = options;
  if (schedules !== undefined) {
    app.post('/apis/tappet.dev/v1alpha1/namespaces/:namespace/schedules/:name/run', (request, response) =>
      runSchedule(schedules, request, response),
    );
  }

  const types = new Map(
    options.resourceTypes.flatMap((type) =>
      [type.version, ...type.olderVersions].map((version) => [typeKey(type.group, version, type.plural), type]),
    ),
  );
  const writes = new ResourceWrites(options);
  app.use(['/api', '/apis'], async (request, response) => {
    const url = request.baseUrl + request.path;
    const document = request.method === 'GET' ? discover(url, options.resourceTypes, request.headers.accept) : undefined;
    if (document !== undefined) {
      response.type(document.contentType).send(JSON.stringify(document.body));
      return;
    }
    const path = parseResourcePath(url, types);
    if (path === undefined) {
      const elsewhere = types.size === 0 ? '; resources are those of the cluster: ask its API server (kubectl, tappet --kubeconfig)' : '';
      throw new ApiError(404, 'NotFound', `the server could not find the requested resource: ${url}${elsewhere}`);
    }
    await serveResource(options, writes, request, response, path, closing.signal);
  });
  app.use((request) => {
    throw new ApiError(404, 'NotFound', `nothing is served at ${request.path}`);
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const known = asApiError(error) ?? surprise(options, request, error);
    if (response.headersSent) response.destroy();
    else sendError(response, known);
  });
  const streams = new PodStreams(options, accessControl);
  return {
    app,
    upgrade: (request, socket, head) => void streams.upgrade(request, socket, head),
    close: () => {
      closing.abort();
      streams.close();
    },
  };
}

async function serveResource(
  options: ApiOptions,
  writes: ResourceWrites,
  request: Request,
  response: Response,
  path: ResourcePath,
  closing: AbortSignal,
): Promise<void> {
  const { type, namespace, name, subresource } = path;
  if (subresource === 'log' && type.group === '' && type.kind === 'Pod' && name !== undefined && request.method === 'GET') {
    return await podLog(options, request, response, namespace ?? '', name, closing);
  }
  if (subresource !== undefined && subresource !== 'status') {
    throw new ApiError(404, 'NotFound', `${type.plural} have no subresource ${JSON.stringify(subresource)}`);
  }
  const target = name === undefined ? undefined : { ...path, name };
  switch (request.method) {
    case 'GET':
      if (queryFlag(request.query['watch'])) return await watch(options, request, response, path, closing);
      return await (target === undefined
        ? listResources(options, request, response, path)
        : getResource(options, request, response, target));
    case 'POST':
      if (target === undefined) return await writes.create(request, response, path);
      break;
    case 'PUT':
      if (target !== undefined) return await writes.replace(request, response, target);
      break;
    case 'PATCH':
      if (target !== undefined) return await writes.patch(request, response, target);
      break;
    case 'DELETE':
      if (subresource !== undefined) break;
      return await (target === undefined
        ? deleteCollection(options, request, response, path)
        : deleteResource(options, request, response, target));
  }
  throw new ApiError(
    405,
    'MethodNotAllowed',
    `${request.method} is not allowed on ${name === undefined ? type.plural : `one of ${type.plural}`}`,
  );
}

function surprise(options: ApiOptions, request: Request, error: unknown): ApiError {
  options.logger.error('API request failed', {
    method: request.method,
    path: request.path,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return new ApiError(500, 'InternalError', 'internal error; the server log says more');
}
