import type { FieldError } from '../field-error.ts';
import { z } from '../zod.ts';
import { formatPath, type PathPart } from './field-path.ts';

/**
 * Upstream decodes with Go's JSON decoder: field names match whatever their case, null is as good as absent, a field nobody knows
 * is refused. This brings an object into the spelling of its schema; what the schema calls raw, and the keys of maps, stay as written.
 */
export function normaliseFieldNames(
  schema: z.ZodType,
  value: unknown,
): { readonly value: unknown; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  return { value: normaliserOf(schema)(value, [], errors), errors };
}

/** Gives back `value` itself when there is nothing to change, so that a well-spelled object costs no copy. */
type Normaliser = (value: unknown, path: PathPart[], errors: FieldError[]) => unknown;

interface Field {
  readonly name: string;
  readonly normalise: Normaliser;
  /** Null stands for absent. */
  readonly nullable: boolean;
}

const normalisers = new WeakMap<z.ZodType, Normaliser>();
const asWritten: Normaliser = (value) => value;

function normaliserOf(schema: z.ZodType): Normaliser {
  const known = normalisers.get(schema);
  if (known !== undefined) return known;
  const made = makeNormaliser(schema);
  normalisers.set(schema, made);
  return made;
}

function makeNormaliser(schema: z.ZodType): Normaliser {
  if (schema instanceof z.ZodOptional) return normaliserOf(schema.def.innerType as z.ZodType);
  if (schema instanceof z.ZodObject) return objectNormaliser(schema);
  if (schema instanceof z.ZodArray) return arrayNormaliser(schema.def.element as z.ZodType);
  if (schema instanceof z.ZodRecord) return recordNormaliser(schema.def.valueType as z.ZodType);
  return asWritten;
}

/** The table is made on first use: a schema may refer to itself. */
function objectNormaliser(schema: z.ZodObject): Normaliser {
  const strict = schema.def.catchall === undefined;
  let table: { readonly exact: ReadonlyMap<string, Field>; readonly folded: ReadonlyMap<string, Field> } | undefined;
  return (value, path, errors) => {
    if (!isObject(value)) return value;
    table ??= fieldTable(schema);
    let copy: Record<string, unknown> | undefined;
    const keys = Object.keys(value);
    for (const [position, key] of keys.entries()) {
      const field = table.exact.get(key) ?? table.folded.get(key.toLowerCase());
      const before = value[key];
      if (field === undefined) {
        if (strict) errors.push(unknownField(key, [...path, key], [...table.exact.keys()]));
        if (copy !== undefined && !strict) copy[key] = before;
        continue;
      }
      path.push(field.name);
      const after = before === null && field.nullable ? undefined : field.normalise(before, path, errors);
      path.pop();
      if (copy === undefined && (after !== before || key !== field.name)) copy = firstOf(value, keys, position);
      if (copy !== undefined && after !== undefined) copy[field.name] = after;
    }
    return copy ?? value;
  };
}

function arrayNormaliser(element: z.ZodType): Normaliser {
  const normalise = normaliserOf(element);
  if (normalise === asWritten) return asWritten;
  return (value, path, errors) => {
    if (!Array.isArray(value)) return value;
    let copy: unknown[] | undefined;
    for (const [index, before] of value.entries()) {
      path.push(index);
      const after = normalise(before, path, errors);
      path.pop();
      if (after !== before) {
        copy ??= [...value];
        copy[index] = after;
      }
    }
    return copy ?? value;
  };
}

function recordNormaliser(valueType: z.ZodType): Normaliser {
  const normalise = normaliserOf(valueType);
  if (normalise === asWritten) return asWritten;
  return (value, path, errors) => {
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, before]) => {
        path.push(key);
        const after = normalise(before, path, errors);
        path.pop();
        return [key, after];
      }),
    );
  };
}

function fieldTable(schema: z.ZodObject): { readonly exact: ReadonlyMap<string, Field>; readonly folded: ReadonlyMap<string, Field> } {
  const exact = new Map<string, Field>();
  for (const [name, inner] of Object.entries(schema.shape)) {
    const type = inner as z.ZodType;
    exact.set(name, { name, normalise: normaliserOf(type), nullable: isNullable(type) });
  }
  return { exact, folded: new Map([...exact].map(([name, field]) => [name.toLowerCase(), field])) };
}

/** Null stands for absent, but where any JSON may stand it is a value. */
function isNullable(type: z.ZodType): boolean {
  return type instanceof z.ZodOptional && !(type.def.innerType instanceof z.ZodUnknown);
}

function firstOf(value: Readonly<Record<string, unknown>>, keys: readonly string[], count: number): Record<string, unknown> {
  return Object.fromEntries(keys.slice(0, count).map((key) => [key, value[key]]));
}

function unknownField(name: string, path: readonly PathPart[], known: readonly string[]): FieldError {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  const similar = name.length > 100 ? undefined : known.find((candidate) => isSimilar(candidate.toLowerCase(), name.toLowerCase()));
  const message = `json: unknown field ${JSON.stringify(shown)}`;
  const paths = [formatPath(path)];
  return similar === undefined ? { message, paths } : { message, paths, details: `did you mean "${similar}"?` };
}

/** One edit apart, or one the beginning of the other. */
function isSimilar(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.startsWith(short) && long.length - short.length <= 2) return true;
  if (short.length < 3 || long.length - short.length > 1) return false;
  let head = 0;
  while (head < short.length && short[head] === long[head]) head += 1;
  let tail = 0;
  while (tail < short.length - head && short.at(-1 - tail) === long.at(-1 - tail)) tail += 1;
  return head + tail >= long.length - 1 || (short.length === long.length && head + tail === long.length - 2 && swapped(short, long, head));
}

function swapped(a: string, b: string, at: number): boolean {
  return a[at] === b[at + 1] && a[at + 1] === b[at];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
