import type { ResourceType } from '../registry.ts';
import type { JsonSchema } from './json-schema.ts';
import { openApiOf } from './openapi.ts';

/** OpenAPI 2.0 ("Swagger"), as far as clients of Kubernetes read it. Member names are the specification's. */
export interface Swagger {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, SwaggerPath>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

export type SwaggerMethod = 'get' | 'put' | 'post' | 'delete' | 'patch';

export type SwaggerPath = { readonly parameters: readonly SwaggerParameter[] } & { readonly [method in SwaggerMethod]?: SwaggerOperation };

export interface SwaggerParameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'body';
  readonly required?: boolean;
  /** Of those that are no body. */
  readonly type?: 'string';
  readonly schema?: JsonSchema;
}

export interface SwaggerOperation {
  readonly operationId: string;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly parameters: readonly SwaggerParameter[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly [extension: `x-${string}`]: unknown;
}

/** What `openApiOf` says of all these kinds, in the older form: all of it in one document. */
export function swaggerOf(types: readonly ResourceType[], server: { readonly title: string; readonly version: string }): Swagger {
  const { paths, components } = openApiOf(types, server) as unknown as OpenApi;
  return {
    swagger: '2.0',
    info: server,
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, olderPath(item)])),
    definitions: components.schemas,
  };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Path>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}
type Path = { readonly parameters: readonly Parameter[] } & { readonly [method in SwaggerMethod]?: Operation };
type Parameter = Pick<SwaggerParameter, 'name' | 'in' | 'required'>;
type Content = Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
  readonly [extension: `x-${string}`]: unknown;
}

function olderPath({ parameters, ...methods }: Path): SwaggerPath {
  const operations = Object.entries(methods).map(([method, operation]) => [method, olderOperation(operation as Operation)]);
  return { ...Object.fromEntries(operations), parameters: parameters.map(olderParameter) };
}

function olderOperation({ parameters, requestBody, responses, ...rest }: Operation): SwaggerOperation {
  const body =
    requestBody === undefined ? [] : [{ name: 'body', in: 'body', required: true, schema: schemaIn(requestBody.content) } as const];
  return {
    ...rest,
    consumes: Object.keys(requestBody?.content ?? { '*/*': undefined }),
    produces: ['application/json'],
    parameters: [...parameters.map(olderParameter), ...body],
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, { description, content }]) => [code, { description, schema: schemaIn(content) }]),
    ),
  };
}

function olderParameter({ name, in: place, required }: Parameter): SwaggerParameter {
  return { name, in: place, type: 'string', ...(required !== undefined && { required }) };
}

function schemaIn(content: Content): JsonSchema {
  const [{ schema }] = Object.values(content) as [Content[string]];
  return { $ref: schema.$ref.replace('#/components/schemas/', '#/definitions/') };
}
