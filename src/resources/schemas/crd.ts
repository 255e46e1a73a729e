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
      versions: [
        versionOf(version, withPlainMetadata(jsonSchemaOf(groupKind))),
        ...type.olderVersions.map((older) => versionOf(older, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true })),
      ],
    },
  };
}

/** Kubernetes has its own schema for it, and lets nobody say another. */
function withPlainMetadata(schema: JsonSchema | undefined): JsonSchema {
  const properties = schema?.['properties'] as JsonSchema | undefined;
  return { ...schema, properties: { ...properties, metadata: { type: 'object' } } };
}
