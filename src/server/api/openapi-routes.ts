import { createHash } from 'node:crypto';
import type { Express } from 'express';
import type { ResourceType } from '../../resources/registry.ts';
import { openApiOf, openApiPath, servedVersions } from '../../resources/schemas/openapi.ts';
import { ApiError } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';

/**
 * `/openapi/v3`: which documents there are, each with a hash by which clients keep it; and the documents, made when one is first asked for. There is no
 * `/openapi/v2`: clients that know no better (kubectl before 1.27) want it in protobuf.
 */
export function serveOpenApi(app: Express, { resourceTypes, version, clock }: ApiOptions): void {
  const byPath = grouped(resourceTypes);
  const made = new Map<string, string>();
  // Documents are the program's: nothing changes them while it runs, and telling so costs less than making them all.
  const hash = createHash('sha256').update(`${version} ${clock.now()}`).digest('hex').toUpperCase();
  app.get('/openapi/v3', (_request, response) => {
    const paths = [...byPath.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]);
    response.json({ paths: Object.fromEntries(paths) });
  });
  app.get('/openapi/v3/*path', (request, response) => {
    const path = request.path.slice('/openapi/v3/'.length);
    const types = byPath.get(path);
    if (types === undefined) throw new ApiError(404, 'NotFound', `there is no OpenAPI document for ${JSON.stringify(path)}`);
    response.setHeader('ETag', `"${hash}"`);
    if (request.query['hash'] === hash) response.setHeader('Cache-Control', 'public, immutable, max-age=31536000');
    if (request.headers['if-none-match'] === `"${hash}"`) {
      response.status(304).end();
      return;
    }
    const text = made.get(path) ?? JSON.stringify(openApiOf(types, { title: 'Tappet', version }));
    made.set(path, text);
    response.type('application/json').send(text);
  });
}

function grouped(types: readonly ResourceType[]): ReadonlyMap<string, readonly ResourceType[]> {
  const byPath = new Map<string, ResourceType[]>();
  for (const type of types.flatMap(servedVersions)) byPath.set(openApiPath(type), [...(byPath.get(openApiPath(type)) ?? []), type]);
  return byPath;
}
