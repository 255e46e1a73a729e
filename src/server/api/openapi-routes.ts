import { createHash } from 'node:crypto';
import type { Express, Request, Response } from 'express';
import type { ResourceType } from '../../resources/registry.ts';
import { openApiOf, openApiPath, servedVersions } from '../../resources/schemas/openapi.ts';
import { swaggerOf } from '../../resources/schemas/swagger.ts';
import { encodeSwagger } from '../../resources/schemas/swagger-protobuf.ts';
import { ApiError } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';

/** As clients ask for it, and as it is called since: what comes behind an `@` is no media type. */
const PROTOBUF = /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/;
const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * `/openapi/v3`: which documents there are, each with a hash by which clients keep it; and the documents, made when one is first asked for. `/openapi/v2`: all
 * of it in one, in JSON or in protobuf, for clients that know no better (kubectl before 1.27) or want to know how lists are merged.
 */
export function serveOpenApi(app: Express, { resourceTypes, version, clock }: ApiOptions): void {
  const served = resourceTypes.flatMap(servedVersions);
  const byPath = grouped(served);
  const made = new Map<string, string | Uint8Array>();
  const server = { title: 'Tappet', version };
  // Documents are the program's: nothing changes them while it runs, and telling so costs less than making them all.
  const hash = createHash('sha256').update(`${version} ${clock.now()}`).digest('hex').toUpperCase();
  const send = (request: Request, response: Response, contentType: string, make: () => string | Uint8Array): void => {
    const etag = contentType === PROTOBUF_TYPE ? `"${hash}-protobuf"` : `"${hash}"`;
    response.setHeader('ETag', etag);
    response.setHeader('Vary', 'Accept');
    if (request.query['hash'] === hash) response.setHeader('Cache-Control', 'public, immutable, max-age=31536000');
    if (request.headers['if-none-match'] === etag) {
      response.status(304).end();
      return;
    }
    const key = `${request.path} ${contentType}`;
    const document = made.get(key) ?? make();
    made.set(key, document);
    response.setHeader('Content-Type', contentType);
    response.send(typeof document === 'string' ? document : Buffer.from(document.buffer));
  };

  app.get('/openapi/v3', (_request, response) => {
    const paths = [...byPath.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]);
    response.json({ paths: Object.fromEntries(paths) });
  });
  app.get('/openapi/v3/*path', (request, response) => {
    const path = request.path.slice('/openapi/v3/'.length);
    const types = byPath.get(path);
    if (types === undefined) throw new ApiError(404, 'NotFound', `there is no OpenAPI document for ${JSON.stringify(path)}`);
    send(request, response, 'application/json', () => JSON.stringify(openApiOf(types, server)));
  });
  app.get('/openapi/v2', (request, response) => {
    if (PROTOBUF.test(request.headers.accept ?? '')) send(request, response, PROTOBUF_TYPE, () => encodeSwagger(swaggerOf(served, server)));
    else send(request, response, 'application/json', () => JSON.stringify(swaggerOf(served, server)));
  });
}

function grouped(types: readonly ResourceType[]): ReadonlyMap<string, readonly ResourceType[]> {
  const byPath = new Map<string, ResourceType[]>();
  for (const type of types) byPath.set(openApiPath(type), [...(byPath.get(openApiPath(type)) ?? []), type]);
  return byPath;
}
