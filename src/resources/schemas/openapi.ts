import { type GroupKind, groupKindOf } from '../object.ts';
import { apiVersionOf, type ResourceType, typeOfGroupKind } from '../registry.ts';
import { describeField } from './descriptions/describe-field.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** Path of a group's version in the index: `api/v1`, `apis/tekton.dev/v1`. */
export function openApiPath({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** A kind for each version it is served in, the older ones behind. */
export function servedVersions(type: ResourceType): readonly ResourceType[] {
  return [type, ...type.olderVersions.map((version) => ({ ...type, version, olderVersions: [] }))];
}

/** OpenAPI 3.0 of one version of a group: enough for `kubectl explain`, server-side validation and dry runs. */
export function openApiOf(types: readonly ResourceType[], server: { readonly title: string; readonly version: string }): JsonSchema {
  return {
    openapi: '3.0.0',
    info: server,
    paths: Object.fromEntries(types.flatMap(pathsOf)),
    components: { schemas: Object.fromEntries(types.map((type) => [schemaName(type), schemaOf(type)])) },
  };
}

function schemaOf(type: ResourceType): JsonSchema {
  const { group, version, kind } = type;
  const groupKind = groupKindOf({ apiVersion: apiVersionOf(type), kind });
  const schema = version === typeOfGroupKind(groupKind)?.version ? jsonSchemaOf(groupKind) : olderSchemaOf(groupKind);
  return { ...schema, 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
}

/** What of an older version is described: that it is converted. Its fields are for admission, which knows both. */
function olderSchemaOf(groupKind: GroupKind): JsonSchema {
  const newer = typeOfGroupKind(groupKind)?.version ?? '';
  return {
    description: `${describeField(groupKind, []) ?? ''} An older version: it is converted to ${newer} and kept as that.`.trimStart(),
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
  };
}

/** `dev.tekton.v1.PipelineRun`. */
function schemaName({ group, version, kind }: ResourceType): string {
  return [...(group === '' ? ['io', 'k8s', 'api', 'core'] : group.split('.').toReversed()), version, kind].join('.');
}

function pathsOf(type: ResourceType): [string, JsonSchema][] {
  const root = `/${openApiPath(type)}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`;
  const place = type.namespaced ? [inPath('namespace')] : [];
  const operation = (action: string, more: readonly JsonSchema[], body: readonly string[] = []): JsonSchema =>
    operationOf(type, action, more, body);
  return [
    [
      root,
      {
        parameters: place,
        get: operation('list', [query('labelSelector'), query('fieldSelector'), query('limit'), query('continue'), query('watch')]),
        post: operation('post', WRITING, JSON_ONLY),
        delete: operation('deletecollection', [query('labelSelector'), query('fieldSelector'), query('dryRun')]),
      },
    ],
    [
      `${root}/{name}`,
      {
        parameters: [...place, inPath('name')],
        get: operation('get', []),
        put: operation('put', WRITING, JSON_ONLY),
        patch: operation('patch', [...WRITING, query('force')], PATCHES),
        delete: operation('delete', [query('dryRun'), query('propagationPolicy')]),
      },
    ],
  ];
}

const query = (name: string): JsonSchema => ({ name, in: 'query', schema: { type: 'string' } });
const inPath = (name: string): JsonSchema => ({ name, in: 'path', required: true, schema: { type: 'string' } });
/** By these kubectl knows that it need not validate by itself, and that a dry run is one. */
const WRITING = ['dryRun', 'fieldManager', 'fieldValidation'].map(query);

const JSON_ONLY = ['application/json'];
/**
 * Strategic merge patches are taken for Kubernetes' own kinds, but not told of: kubectl would compute them by these schemas, which know less of a pod than its
 * own types do.
 */
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

function operationOf(type: ResourceType, action: string, parameters: readonly JsonSchema[], bodies: readonly string[]): JsonSchema {
  const { group, version, kind } = type;
  const schema = { $ref: `#/components/schemas/${schemaName(type)}` };
  return {
    operationId: `${action}${kind}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters,
    ...(bodies.length > 0 && { requestBody: { content: Object.fromEntries(bodies.map((media) => [media, { schema }])) } }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
  };
}
