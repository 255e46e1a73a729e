import type { TriggerInterceptor } from '../../resources/trigger/schema.ts';

/** Which key of which Secret, in the trigger's namespace. */
export interface SecretRef {
  readonly secretName: string;
  readonly secretKey: string;
}

export type ReadParams<T> = { readonly ok: true; readonly params: T } | { readonly ok: false; readonly message: string };

/** A list of params as a map; of a repeated name the last one counts, as upstream. */
export function paramMap(params: TriggerInterceptor['params']): ReadonlyMap<string, unknown> {
  return new Map((params ?? []).map(({ name, value }) => [name, value]));
}

/**
 * Reads params as Go decodes JSON into a struct: names in any case, unknown ones ignored, `null` like absent, a wrong type is an error.
 * `read` asks for each field; the first problem is the result.
 */
export function readParams<T>(params: ReadonlyMap<string, unknown>, read: (fields: ParamFields) => T): ReadParams<T> {
  try {
    return { ok: true, params: read(new ParamFields(params, '', params instanceof WatchedParams ? params.asked : undefined)) };
  } catch (error) {
    if (error instanceof ParamTypeError)
      return { ok: false, message: `failed to parse interceptor params: invalid json: ${error.message}` };
    throw error;
  }
}

class ParamTypeError extends Error {}

/** Params that note what they are asked for: how lint knows which names an interceptor understands. */
export class WatchedParams extends Map<string, unknown> {
  /** `secretRef`, `secretRef.secretName`, `overlays[0].key`; as the interceptor spells them. */
  readonly asked = new Set<string>();
}

export class ParamFields {
  private readonly fields: ReadonlyMap<string, unknown>;
  private readonly path: string;
  private readonly asked: Set<string> | undefined;

  constructor(fields: ReadonlyMap<string, unknown>, path: string, asked: Set<string> | undefined) {
    this.fields = new Map([...fields].map(([name, value]) => [name.toLowerCase(), value]));
    this.path = path;
    this.asked = asked;
  }

  string(name: string): string | undefined {
    return this.typed(name, 'a string', (value) => typeof value === 'string');
  }

  boolean(name: string): boolean | undefined {
    return this.typed(name, 'a boolean', (value) => typeof value === 'boolean');
  }

  strings(name: string): readonly string[] | undefined {
    return this.typed(name, 'a list of strings', (value): value is readonly string[] => {
      return Array.isArray(value) && value.every((element) => typeof element === 'string');
    });
  }

  struct(name: string): ParamFields | undefined {
    const value = this.typed(name, 'an object', isObject);
    return value && this.below(value, name);
  }

  structs(name: string): readonly ParamFields[] | undefined {
    const list = this.typed(name, 'a list of objects', (value): value is readonly Readonly<Record<string, unknown>>[] => {
      return Array.isArray(value) && value.every(isObject);
    });
    return list?.map((value, index) => this.below(value, `${name}[${index}]`));
  }

  /**
   * `secretRef`, and beside it or instead of it our `secretRefs`: all secrets that are live while one follows another. `undefined` when neither
   * is there; an empty list is one with which nothing can be verified.
   */
  secretRefs(): readonly SecretRef[] | undefined {
    const single = this.struct('secretRef');
    const list = this.structs('secretRefs');
    if (single === undefined) return list?.map(readSecretRef);
    return [single, ...(list ?? [])].map(readSecretRef);
  }

  /** A list whose elements are names, or objects that have more to say. */
  namesOrStructs(name: string): readonly (string | ParamFields)[] | undefined {
    const list = this.typed(
      name,
      'a list of names or objects',
      (value): value is readonly (string | Readonly<Record<string, unknown>>)[] => {
        return Array.isArray(value) && value.every((element) => typeof element === 'string' || isObject(element));
      },
    );
    return list?.map((value, index) => {
      return typeof value === 'string' ? value : this.below(value, `${name}[${index}]`);
    });
  }

  secretRef(name: string): SecretRef | undefined {
    const ref = this.struct(name);
    return ref && readSecretRef(ref);
  }

  private below(value: Readonly<Record<string, unknown>>, name: string): ParamFields {
    return new ParamFields(new Map(Object.entries(value)), `${this.path}${name}.`, this.asked);
  }

  private typed<T>(name: string, expected: string, is: (value: unknown) => value is T): T | undefined {
    this.asked?.add(`${this.path}${name}`);
    const value = this.fields.get(name.toLowerCase());
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    throw new ParamTypeError(`${this.path}${name} is ${Array.isArray(value) ? 'a list' : `of type ${typeof value}`}, expected ${expected}`);
  }
}

function readSecretRef(ref: ParamFields): SecretRef {
  return { secretName: ref.string('secretName') ?? '', secretKey: ref.string('secretKey') ?? '' };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
