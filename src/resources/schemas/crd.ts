import { categoriesOf } from '../categories.ts';
import { groupKindOf } from '../object.ts';
import { printerColumns } from '../printer-columns.ts';
import { apiVersionOf, type ResourceType } from '../registry.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/**
 * The CustomResourceDefinition of a kind, for a cluster. Older versions are served without a schema: who reads them converts, as admission does.
 */
export function crdOf(type: ResourceType): Readonly<Record<string, unknown>> {
  const { group, kind, plural, namespaced, shortNames, version } = type;
  const groupKind = groupKindOf({ apiVersion: apiVersionOf(type), kind });
  const columns = printerColumns(groupKind).flatMap(({ name, type: cell, format, description, priority, jsonPath }) =>
    jsonPath === undefined
      ? []
      : [{ name, type: cell, jsonPath, description, ...(format !== undefined && { format }), ...(priority !== undefined && { priority }) }],
  );
  const versionOf = (name: string, schema: unknown): Readonly<Record<string, unknown>> => ({
    name,
    served: true,
    storage: name === version,
    ...(name !== version && { deprecated: true }),
    schema: { openAPIV3Schema: schema },
    subresources: { status: {} },
    additionalPrinterColumns: columns,
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames.length > 0 && { shortNames }),
        categories: categoriesOf(type),
      },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        versionOf(version, fitForCluster(jsonSchemaOf(groupKind))),
        ...type.olderVersions.map((older) => versionOf(older, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true })),
      ],
    },
  };
}

/**
 * Kubernetes has its own schema for metadata, and lets nobody say another. A definition that a status repeats is described where it is wanted: with it twice
 * the text would not fit into the annotation that `kubectl apply` makes of it.
 */
function fitForCluster(schema: JsonSchema | undefined): JsonSchema {
  const { metadata: _, status, ...properties } = (schema?.['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return {
    ...schema,
    properties: { ...properties, metadata: { type: 'object' }, ...(status !== undefined && { status: withBareSpecs(status) }) },
  };
}

function withBareSpecs(status: JsonSchema): JsonSchema {
  return mapSchema(status, (schema, name) => (name === 'taskSpec' || name === 'pipelineSpec' ? bare(schema) : withBareSpecs(schema)));
}

function bare({ description: _, ...schema }: JsonSchema): JsonSchema {
  return mapSchema(schema, bare);
}

/** `change` with the name of the field; the elements of lists and maps have none. */
function mapSchema(schema: JsonSchema, change: (schema: JsonSchema, name?: string) => JsonSchema): JsonSchema {
  const { properties, items, additionalProperties } = schema as { readonly [part: string]: JsonSchema | undefined };
  return {
    ...schema,
    ...(properties !== undefined && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, change(field as JsonSchema, name)])),
    }),
    ...(items !== undefined && { items: change(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: change(additionalProperties) }),
  };
}
