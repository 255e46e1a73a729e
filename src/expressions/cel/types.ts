/** Static types, as cel-go's checker has them. */
export type Type =
  | { readonly kind: 'dyn' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'null' | 'timestamp' | 'duration' }
  | { readonly kind: 'list'; readonly element: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  /** The type of a type value. */
  | { readonly kind: 'type'; readonly of: Type }
  /** A protobuf wrapper such as google.protobuf.Int64Value: null or the primitive. */
  | { readonly kind: 'wrapper'; readonly of: Type }
  /** A protobuf message that is no other value. */
  | { readonly kind: 'message'; readonly name: string }
  /** Of what was complained about already: goes with everything, so that nothing is said twice. */
  | { readonly kind: 'error' }
  /** Stands for any type, the same wherever the name appears. */
  | { readonly kind: 'variable'; readonly name: string };

export const dyn: Type = { kind: 'dyn' };
export const error: Type = { kind: 'error' };
export const bool: Type = { kind: 'bool' };

export function listOf(element: Type): Type {
  return bounded({ kind: 'list', element });
}

export function mapOf(key: Type, value: Type): Type {
  return bounded({ kind: 'map', key, value });
}

export function parametersOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'type':
    case 'wrapper':
      return [type.of];
    default:
      return [];
  }
}

/** Most parts of a type. `[1].map(x, {x: x}).map(x, {x: x})…` doubles with every step. */
const MOST_PARTS = 500;

/** Sizes of composite types, counted once. */
const sizes = new WeakMap<Type, number>();

function sizeOf(type: Type): number {
  const parameters = parametersOf(type);
  if (parameters.length === 0) return 1;
  const known = sizes.get(type);
  if (known !== undefined) return known;
  const size = parameters.reduce((sum, parameter) => sum + sizeOf(parameter), 1);
  sizes.set(type, size);
  return size;
}

/** The type itself, or `dyn` for one that is too large to work with. */
export function bounded(type: Type): Type {
  return sizeOf(type) > MOST_PARTS ? dyn : type;
}

/** As cel-go prints types in its messages. */
export function formatType(type: Type): string {
  if (type.kind === 'variable' || type.kind === 'message') return type.name;
  if (type.kind === 'error') return '!error!';
  const parameters = parametersOf(type);
  return parameters.length === 0 ? type.kind : `${type.kind}(${parameters.map(formatType).join(', ')})`;
}

export function sameType(a: Type, b: Type): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'variable') return a.name === (b.kind === 'variable' && b.name);
  if (a.kind === 'message') return a.name === (b.kind === 'message' && b.name);
  const others = parametersOf(b);
  return parametersOf(a).every((parameter, index) => sameType(parameter, others[index] ?? dyn));
}

export function isAnything(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

export function isNullable(type: Type): boolean {
  return ['null', 'timestamp', 'duration', 'wrapper', 'message'].includes(type.kind);
}

export function mostGeneral(a: Type, b: Type): Type {
  return isLessSpecific(a, b) ? a : b;
}

function isLessSpecific(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || a.kind === 'variable') return true;
  if (b.kind === 'dyn' || b.kind === 'variable') return false;
  // A wrapper holds null besides its primitive.
  if (a.kind === 'wrapper') return b.kind === 'null' || sameType(a.of, b.kind === 'wrapper' ? b.of : b);
  if (a.kind === 'message' || a.kind !== b.kind) return sameType(a, b);
  const others = parametersOf(b);
  return parametersOf(a).every((parameter, index) => isLessSpecific(parameter, others[index] ?? dyn));
}
