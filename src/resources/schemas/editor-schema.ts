import { groupKindOf } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/**
 * JSON Schema (draft 7) for what people write in a file: as `yaml-language-server` takes it. Stricter than what the API takes: a field that nobody knows is
 * told, and there is no status to write.
 */
export function editorSchemaOf(type: ResourceType): JsonSchema {
  return { $schema: DRAFT, ...documentSchema(type) };
}

/** One schema for files of any of these kinds, and of others, which it lets pass. */
export function editorSchemaOfAll(types: readonly ResourceType[]): JsonSchema {
  return {
    $schema: DRAFT,
    type: 'object',
    required: ['apiVersion', 'kind'],
    allOf: types.map((type) => ({
      if: {
        properties: { apiVersion: { const: apiVersionOf(type) }, kind: { const: type.kind } },
        required: ['apiVersion', 'kind'],
      },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
      then: documentSchema(type),
    })),
  };
}

function documentSchema(type: ResourceType): JsonSchema {
  const apiVersion = apiVersionOf(type);
  const schema = strict(jsonSchemaOf(groupKindOf({ apiVersion, kind: type.kind })) ?? { type: 'object' });
  const { status: _, ...properties } = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return {
    ...schema,
    properties: {
      ...properties,
      apiVersion: { ...properties['apiVersion'], enum: [apiVersion] },
      kind: { ...properties['kind'], enum: [type.kind] },
    },
    required: ['apiVersion', 'kind', 'metadata'],
  };
}

function strict(schema: JsonSchema): JsonSchema {
  const { type, description, properties, items, additionalProperties } = schema;
  const about = description === undefined ? {} : { description };
  if ('x-kubernetes-int-or-string' in schema) return { ...about, type: ['integer', 'string'] };
  if (properties !== undefined) {
    const fields = Object.entries(properties as Readonly<Record<string, JsonSchema>>);
    const open = 'x-kubernetes-preserve-unknown-fields' in schema;
    return {
      ...about,
      type: 'object',
      properties: Object.fromEntries(fields.map(([name, field]) => [name, strict(field)])),
      ...(schema['required'] !== undefined && { required: schema['required'] }),
      ...(!open && { additionalProperties: false }),
    };
  }
  if (items !== undefined) return { ...about, type: 'array', items: strict(items as JsonSchema) };
  if (additionalProperties !== undefined)
    return { ...about, type: 'object', additionalProperties: strict(additionalProperties as JsonSchema) };
  return { ...about, ...(type !== undefined && { type }), ...(schema['enum'] !== undefined && { enum: schema['enum'] }) };
}
