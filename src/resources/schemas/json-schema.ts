import { admissionRules } from '../admission/kinds.ts';
import { listKind } from '../list-keys.ts';
import type { GroupKind } from '../object.ts';
import { isCustom, typeOfGroupKind } from '../registry.ts';
import { z } from '../zod.ts';
import { describeField } from './descriptions/describe-field.ts';

/** A structural schema, as Kubernetes wants them: a type everywhere but where anything may stand, and no references. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const ANYTHING: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const made = new Map<GroupKind, JsonSchema>();

/**
 * The schema of a kind's objects, made from what admission parses them with. It never refuses what admission accepts: every rule between fields is left to
 * admission, which also says it better. `undefined`: no such kind.
 */
export function jsonSchemaOf(kind: GroupKind): JsonSchema | undefined {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const rules = admissionRules.get(kind);
  if (rules === undefined) return undefined;
  const raw = z.toJSONSchema(rules.schema, { io: 'input', unrepresentable: 'any', cycles: 'ref', reused: 'inline' }) as JsonSchema;
  const schema = convert(raw, { root: raw, kind, path: [], open: new Set() });
  made.set(kind, schema);
  return schema;
}

interface Place {
  /** Of the generated schema: where references lead. */
  readonly root: JsonSchema;
  readonly kind: GroupKind;
  readonly path: readonly string[];
  /** References being followed: one that is met again contains itself. */
  readonly open: ReadonlySet<string>;
}

function convert(raw: unknown, place: Place): JsonSchema {
  if (!isSchema(raw)) return ANYTHING;
  const { $ref } = raw;
  if (typeof $ref === 'string') {
    if (place.open.has($ref) || $ref === '#') return described({ type: 'object', ...ANYTHING }, place);
    return convert(referenced(place.root, $ref), { ...place, open: new Set([...place.open, $ref]) });
  }
  return described(converted(raw, place), place);
}

function converted(raw: JsonSchema, place: Place): JsonSchema {
  const { type, properties, items, additionalProperties, anyOf, allOf } = raw;
  const choices = anyOf ?? raw['oneOf'];
  if (Array.isArray(choices)) {
    const types = new Set(choices.map((choice) => (isSchema(choice) ? choice['type'] : undefined)));
    const isIntOrString = types.size === 2 && types.has('string') && (types.has('integer') || types.has('number'));
    return isIntOrString ? { 'x-kubernetes-int-or-string': true } : ANYTHING;
  }
  if (Array.isArray(allOf) && type === undefined) return allOf.length === 1 ? convert(allOf[0], place) : ANYTHING;
  switch (type) {
    case 'object': {
      const fields = isSchema(properties) ? Object.entries(properties) : [];
      if (fields.length === 0 && isSchema(additionalProperties)) {
        return { type, additionalProperties: convert(additionalProperties, { ...place, path: [...place.path, '*'] }) };
      }
      if (fields.length === 0) return { type, ...ANYTHING };
      return {
        type,
        properties: Object.fromEntries(fields.map(([name, field]) => [name, convert(field, { ...place, path: [...place.path, name] })])),
        ...requiredIn(raw, place),
        ...(additionalProperties !== false && additionalProperties !== undefined && ANYTHING),
      };
    }
    case 'array':
      return listSchema(convert(items, { ...place, path: [...place.path, '[]'] }), place);
    case 'integer':
      return { type, format: 'int64' };
    case 'number':
    case 'boolean':
      return { type };
    case 'string':
      return { type, ...(Array.isArray(raw['enum']) && { enum: raw['enum'] }) };
    default:
      return typeof raw['const'] === 'string' ? { type: 'string' } : ANYTHING;
  }
}

/** What admission refuses to do without. Not at the root, where it fills in, nor in a status, which it does not look at. */
function requiredIn({ required }: JsonSchema, { path }: Place): JsonSchema {
  return Array.isArray(required) && required.length > 0 && path.length > 0 && path[0] !== 'status' ? { required } : {};
}

/** Lists of kinds that Kubernetes does not have are one value, as in upstream's CRDs; of `metadata`, and of its own kinds, some are maps or sets. */
function listSchema(items: JsonSchema, { kind, path }: Place): JsonSchema {
  const type = typeOfGroupKind(kind);
  const isKeyed = path[0] === 'metadata' || (type !== undefined && !isCustom(type));
  const list = isKeyed ? listKind(path.at(-1) ?? '') : undefined;
  const keys = list?.type === 'map' ? list.keys.filter((key) => key in ((items['properties'] ?? {}) as JsonSchema)).slice(0, 1) : [];
  if (list?.type === 'set') return { type: 'array', items, 'x-kubernetes-list-type': 'set' };
  if (keys.length === 0) return { type: 'array', items, 'x-kubernetes-list-type': 'atomic' };
  return { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

function described(schema: JsonSchema, { kind, path }: Place): JsonSchema {
  const description = describeField(kind, path);
  return description === undefined ? schema : { description, ...schema };
}

function referenced(root: JsonSchema, ref: string): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((value, key) => (isSchema(value) ? value[key] : undefined), root);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
