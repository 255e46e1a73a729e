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
  return { kind: 'list', element };
}

export function mapOf(key: Type, value: Type): Type {
  return { kind: 'map', key, value };
}

function parametersOf(type: Type): readonly Type[] {
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

/** What the type variables stand for, found while checking. */
export class Substitution {
  #bound: Map<string, Type>;

  constructor(bound: ReadonlyMap<string, Type> = new Map()) {
    this.#bound = new Map(bound);
  }

  copy(): Substitution {
    return new Substitution(this.#bound);
  }

  take(other: Substitution): void {
    this.#bound = other.#bound;
  }

  /** Replaces variables by what they stand for; free ones by `dyn` when `freeToDyn`. */
  apply(type: Type, freeToDyn = false): Type {
    switch (type.kind) {
      case 'variable': {
        const bound = this.#bound.get(type.name);
        if (bound) return this.apply(bound, freeToDyn);
        return freeToDyn ? dyn : type;
      }
      case 'list':
        return listOf(this.apply(type.element, freeToDyn));
      case 'map':
        return mapOf(this.apply(type.key, freeToDyn), this.apply(type.value, freeToDyn));
      case 'type':
        return { kind: 'type', of: this.apply(type.of, freeToDyn) };
      default:
        return type;
    }
  }

  /** Whether all of `values` may be given where `parameters` are asked for. Binds variables only when they may. */
  assignableAll(parameters: readonly Type[], values: readonly Type[]): boolean {
    if (parameters.length !== values.length) return false;
    const attempt = this.copy();
    if (!parameters.every((parameter, index) => attempt.#assignable(parameter, values[index] ?? dyn))) return false;
    this.take(attempt);
    return true;
  }

  assignable(parameter: Type, value: Type): boolean {
    return this.assignableAll([parameter], [value]);
  }

  /** cel-go's `internalIsAssignable`. */
  #assignable(a: Type, b: Type): boolean {
    if (b.kind === 'variable') {
      const known = this.#bound.has(b.name);
      if (this.#substitutes(a, b)) return true;
      if (known) return false;
    }
    if (a.kind === 'variable') return this.#substitutes(b, a);
    if (isAnything(a) || isAnything(b)) return true;
    if (a.kind === 'null') return isNullable(b);
    if (b.kind === 'null') return isNullable(a);
    if (a.kind === 'wrapper') return this.#assignable(a.of, b.kind === 'wrapper' ? b.of : b);
    if (b.kind === 'wrapper') return this.#assignable(a, b.of);
    if (a.kind === 'type' && b.kind === 'type') return true;
    if (a.kind === 'message' || a.kind !== b.kind) return sameType(a, b);
    const others = parametersOf(b);
    return parametersOf(a).every((parameter, index) => this.#assignable(parameter, others[index] ?? dyn));
  }

  /** Lets `variable` stand for `type` if nothing known contradicts; keeps the more general of the two. */
  #substitutes(type: Type, variable: Type & { kind: 'variable' }): boolean {
    if (sameType(type, variable)) return true;
    const bound = this.#bound.get(variable.name);
    if (!bound) {
      if (this.#occurs(variable.name, type)) return false;
      this.#bound.set(variable.name, type);
      return true;
    }
    if (sameType(type, bound)) return true;
    if (!this.#assignable(type, bound)) return false;
    const general = mostGeneral(type, bound);
    if (!this.#occurs(variable.name, general)) this.#bound.set(variable.name, general);
    return true;
  }

  #occurs(name: string, type: Type): boolean {
    if (type.kind !== 'variable') return parametersOf(type).some((parameter) => this.#occurs(name, parameter));
    if (type.name === name) return true;
    const bound = this.#bound.get(type.name);
    return bound !== undefined && this.#occurs(name, bound);
  }
}

function isAnything(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

function isNullable(type: Type): boolean {
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
