import type { JsonSchema } from './json-schema.ts';
import type { Swagger, SwaggerMethod, SwaggerOperation, SwaggerParameter, SwaggerPath } from './swagger.ts';

/**
 * A document in the only form in which kubectl and other clients in Go ask for OpenAPI 2.0. Numbers are those of gnostic's openapiv2/OpenAPIv2.proto;
 * its message is named at each function. Values of any shape (extensions, enums) are YAML there, of which JSON is a part.
 */
export function encodeSwagger({ swagger, info, paths, definitions }: Swagger): Uint8Array {
  return message(
    text(1, swagger),
    nested(2, text(1, info.title), text(2, info.version)),
    nested(8, ...named(2, paths, encodePath)),
    nested(9, ...named(1, definitions, encodeSchema)),
  );
}

const methods: Readonly<Record<SwaggerMethod, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

/** `PathItem` */
function encodePath(path: SwaggerPath): Uint8Array {
  const operations = Object.entries(methods).flatMap(([method, number]) => {
    const operation = path[method as SwaggerMethod];
    return operation === undefined ? [] : [bytes(number, encodeOperation(operation))];
  });
  return message(...operations, ...path.parameters.map((parameter) => bytes(9, encodeParameter(parameter))));
}

/** `Operation` */
function encodeOperation({ operationId, produces, consumes, parameters, responses, ...extensions }: SwaggerOperation): Uint8Array {
  return message(
    text(5, operationId),
    ...produces.map((type) => text(6, type)),
    ...consumes.map((type) => text(7, type)),
    ...parameters.map((parameter) => bytes(8, encodeParameter(parameter))),
    nested(
      9,
      ...named(1, responses, ({ description, schema }) => nested(1, text(1, description), nested(2, bytes(1, encodeSchema(schema))))),
    ),
    ...encodeExtensions(13, extensions),
  );
}

/** `ParametersItem`, `Parameter` within, and `BodyParameter`, `QueryParameterSubSchema` or `PathParameterSubSchema` within that. */
function encodeParameter({ name, in: place, required = false, type = 'string', schema = {} }: SwaggerParameter): Uint8Array {
  switch (place) {
    case 'body':
      return nested(1, nested(1, text(2, name), text(3, place), flag(4, required), bytes(5, encodeSchema(schema))));
    case 'query':
      return nested(1, nested(2, nested(3, flag(1, required), text(2, place), text(4, name), text(6, type))));
    case 'path':
      return nested(1, nested(2, nested(4, flag(1, required), text(2, place), text(4, name), text(5, type))));
  }
}

/** `Schema` */
function encodeSchema(schema: JsonSchema): Uint8Array {
  const { $ref, format, description, required, type, items, properties, additionalProperties } = schema;
  return message(
    ...optional($ref, (ref: string) => text(1, ref)),
    ...optional(format, (name: string) => text(2, name)),
    ...optional(description, (words: string) => text(4, words)),
    ...((required ?? []) as string[]).map((name) => text(19, name)),
    ...((schema['enum'] ?? []) as unknown[]).map((value) => bytes(20, encodeAny(value))),
    ...optional(additionalProperties, (inner: JsonSchema) => nested(21, bytes(1, encodeSchema(inner)))),
    ...optional(type, (name: string) => nested(22, text(1, name))),
    ...optional(items, (inner: JsonSchema) => nested(23, bytes(1, encodeSchema(inner)))),
    ...optional(properties, (fields: Readonly<Record<string, JsonSchema>>) => nested(25, ...named(1, fields, encodeSchema))),
    ...encodeExtensions(31, schema),
  );
}

/** `NamedAny` for each member that is an extension. */
function encodeExtensions(number: number, object: Readonly<Record<string, unknown>>): Uint8Array[] {
  const extensions = Object.entries(object).filter(([name]) => name.startsWith('x-'));
  return named(number, Object.fromEntries(extensions), encodeAny);
}

/** `Any` */
function encodeAny(value: unknown): Uint8Array {
  return text(2, JSON.stringify(value));
}

/** Maps are lists of `NamedX`: the name and the X. */
function named<T>(number: number, map: Readonly<Record<string, T>>, encode: (value: T) => Uint8Array): Uint8Array[] {
  return Object.entries(map).map(([name, value]) => nested(number, text(1, name), bytes(2, encode(value))));
}

function optional<T>(value: unknown, encode: (value: T) => Uint8Array): Uint8Array[] {
  return value === undefined ? [] : [encode(value as T)];
}

const utf8 = new TextEncoder();

function text(number: number, value: string): Uint8Array {
  return bytes(number, utf8.encode(value));
}

function nested(number: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytes(number, message(...fields));
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

function flag(number: number, value: boolean): Uint8Array {
  return value ? Uint8Array.from([...varint((number << 3) | VARINT), 1]) : new Uint8Array();
}

function bytes(number: number, value: Uint8Array): Uint8Array {
  const head = [...varint((number << 3) | LENGTH_DELIMITED), ...varint(value.length)];
  const field = new Uint8Array(head.length + value.length);
  field.set(head);
  field.set(value, head.length);
  return field;
}

function message(...fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const field of fields) {
    whole.set(field, at);
    at += field.length;
  }
  return whole;
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
