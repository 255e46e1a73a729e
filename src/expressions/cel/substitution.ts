import { dyn, isAnything, isNullable, listOf, mapOf, mostGeneral, parametersOf, sameType, type Type } from './types.ts';

/** Most comparisons and replacements of types in one check. An expression of usual size needs some hundred. */
const MOST_STEPS = 2_000_000;

/** Thrown when types have become too intricate; the checker reports it. */
export class TooIntricate extends Error {}

/** What the type variables stand for, found while checking. */
export class Substitution {
  readonly #bound = new Map<string, Type>();
  /** What was bound, and what the variable stood for before, so that an attempt that fails can be taken back. */
  readonly #trail: [name: string, before: Type | undefined][] = [];
  #steps = 0;

  /** Replaces variables by what they stand for; free ones by `dyn` when `freeToDyn`. */
  apply(type: Type, freeToDyn = false): Type {
    return this.#apply(type, freeToDyn, new Map());
  }

  /** Whether all of `values` may be given where `parameters` are asked for. Binds variables only when they may. */
  assignableAll(parameters: readonly Type[], values: readonly Type[]): boolean {
    if (parameters.length !== values.length) return false;
    const fits = parameters.every((parameter, index) => this.#assignable(parameter, values[index] ?? dyn));
    for (let entry = this.#trail.pop(); entry; entry = this.#trail.pop()) {
      const [name, before] = entry;
      if (fits) continue;
      if (before) this.#bound.set(name, before);
      else this.#bound.delete(name);
    }
    return fits;
  }

  assignable(parameter: Type, value: Type): boolean {
    return this.assignableAll([parameter], [value]);
  }

  /** `applied`: what variables that were met already stand for, so that each is looked into once. */
  #apply(type: Type, freeToDyn: boolean, applied: Map<string, Type>): Type {
    this.#step();
    switch (type.kind) {
      case 'variable': {
        const known = applied.get(type.name);
        if (known) return known;
        const bound = this.#bound.get(type.name);
        const result = bound ? this.#apply(bound, freeToDyn, applied) : freeToDyn ? dyn : type;
        applied.set(type.name, result);
        return result;
      }
      case 'list':
        return listOf(this.#apply(type.element, freeToDyn, applied));
      case 'map':
        return mapOf(this.#apply(type.key, freeToDyn, applied), this.#apply(type.value, freeToDyn, applied));
      case 'type':
        return { kind: 'type', of: this.#apply(type.of, freeToDyn, applied) };
      default:
        return type;
    }
  }

  /** cel-go's `internalIsAssignable`. */
  #assignable(a: Type, b: Type): boolean {
    this.#step();
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
      if (this.#occurs(variable.name, type, new Set())) return false;
      this.#bind(variable.name, type);
      return true;
    }
    if (sameType(type, bound)) return true;
    if (!this.#assignable(type, bound)) return false;
    const general = mostGeneral(type, bound);
    if (!this.#occurs(variable.name, general, new Set())) this.#bind(variable.name, general);
    return true;
  }

  #bind(name: string, type: Type): void {
    this.#trail.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  #occurs(name: string, type: Type, seen: Set<string>): boolean {
    this.#step();
    if (type.kind !== 'variable') return parametersOf(type).some((parameter) => this.#occurs(name, parameter, seen));
    if (type.name === name) return true;
    if (seen.has(type.name)) return false;
    seen.add(type.name);
    const bound = this.#bound.get(type.name);
    return bound !== undefined && this.#occurs(name, bound, seen);
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new TooIntricate();
  }
}
