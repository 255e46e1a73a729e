import type { CallNode, CelNode, ComprehensionNode } from './ast.ts';
import type { CelEnvironment } from './environment.ts';
import type { RawIssue } from './error.ts';
import type { Overload } from './functions.ts';
import { checkFormatCalls } from './library/format-calls.ts';
import { comparableTypes } from './library/lists.ts';
import { candidateNames, qualifiedName } from './names.ts';
import { messageTypes } from './protobuf/messages.ts';
import { Substitution, TooIntricate } from './substitution.ts';
import { bool, dyn, error, formatType, listOf, mapOf, mostGeneral, type Type } from './types.ts';
import type { CelValue } from './values.ts';

/** What the checker found a node to mean; the compiler builds on it. */
export type Reference =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'local'; readonly comprehension: ComprehensionNode }
  | { readonly kind: 'constant'; readonly value: CelValue }
  /** `namespaced`: the target is part of the function's name, as in `math.greatest(1, 2)`. */
  | { readonly kind: 'function'; readonly overloads: readonly Overload[]; readonly namespaced: boolean };

export interface Checked {
  readonly type: Type;
  readonly references: ReadonlyMap<CelNode, Reference>;
  readonly issues: readonly RawIssue[];
}

/**
 * Type-checks as cel-go does: every problem is reported, in its words. Sub-expressions whose type is known only at run time
 * are `dyn` and are not complained about.
 */
export function check(ast: CelNode, environment: CelEnvironment): Checked {
  const checker = new Checker(environment);
  const { references, issues } = checker;
  try {
    const type = checker.substitution.apply(checker.check(ast, undefined), true);
    if (issues.length === 0) issues.push(...checkFormatCalls(ast, checker.typeOf));
    return { type, references, issues };
  } catch (thrown) {
    if (!(thrown instanceof TooIntricate)) throw thrown;
    issues.push({ code: 'LimitExceeded', message: 'the types of the expression are too intricate to check', offset: 0 });
    return { type: dyn, references, issues };
  }
}

/** Comprehension variables in force, innermost first. */
interface Scope {
  readonly name: string;
  readonly type: Type;
  readonly comprehension: ComprehensionNode;
  readonly outer: Scope | undefined;
}

class Checker {
  readonly references = new Map<CelNode, Reference>();
  readonly issues: RawIssue[] = [];
  readonly substitution = new Substitution();
  readonly #environment: CelEnvironment;
  readonly #types = new Map<CelNode, Type>();
  #fresh = 0;

  constructor(environment: CelEnvironment) {
    this.#environment = environment;
  }

  check(node: CelNode, scope: Scope | undefined): Type {
    const type = this.#check(node, scope);
    this.#types.set(node, type);
    return type;
  }

  /** Of a node that was checked. */
  readonly typeOf = (node: CelNode): Type => this.substitution.apply(this.#types.get(node) ?? dyn, true);

  #check(node: CelNode, scope: Scope | undefined): Type {
    switch (node.kind) {
      case 'literal':
        return literalType(node.value);
      case 'ident':
        return this.#resolve(node, node.name, scope) ?? this.#undeclared(node.name, node.at);
      case 'select':
        return this.#select(node, scope);
      case 'call':
        return this.#call(node, scope);
      case 'list':
        return listOf(this.#join(node.elements, scope));
      case 'map':
        return mapOf(
          this.#join(
            node.entries.map((entry) => entry.key),
            scope,
          ),
          this.#join(
            node.entries.map((entry) => entry.value),
            scope,
          ),
        );
      case 'message':
        return this.#message(node, scope);
      case 'comprehension':
        return this.#comprehension(node, scope);
    }
  }

  #report(code: RawIssue['code'], message: string, offset: number): Type {
    this.issues.push({ code, message, offset });
    return error;
  }

  #undeclared(name: string, offset: number): Type {
    const message = `undeclared reference to '${name}' (in container '${this.#environment.container}')`;
    return this.#report('UndeclaredReference', message, offset);
  }

  #variable(): Type {
    return { kind: 'variable', name: `_var${this.#fresh++}` };
  }

  /** Looks a possibly qualified name up; a comprehension variable hides everything else unless the name starts with a dot. */
  #resolve(node: CelNode, name: string, scope: Scope | undefined): Type | undefined {
    for (let inner = scope; inner; inner = inner.outer) {
      if (inner.name !== name) continue;
      this.references.set(node, { kind: 'local', comprehension: inner.comprehension });
      return inner.type;
    }
    for (const candidate of candidateNames(this.#environment.container, name)) {
      const variable = this.#environment.variables.get(candidate);
      if (variable) {
        this.references.set(node, { kind: 'variable', name: candidate });
        return variable;
      }
      const constant = this.#environment.constants.get(candidate);
      if (constant) {
        this.references.set(node, { kind: 'constant', value: constant.value });
        return constant.type;
      }
    }
    return undefined;
  }

  #select(node: CelNode & { kind: 'select' }, scope: Scope | undefined): Type {
    const name = node.test ? undefined : qualifiedName(node);
    const root = name?.split('.')[0];
    if (name !== undefined && !isLocal(scope, root)) {
      const qualified = this.#resolve(node, name, undefined);
      if (qualified) return qualified;
    }
    const operand = this.substitution.apply(this.check(node.operand, scope));
    const type = this.#fieldType(operand, node.field, node.at);
    return node.test ? bool : type;
  }

  #fieldType(operand: Type, field: string, offset: number): Type {
    switch (operand.kind) {
      case 'map':
        return operand.value;
      case 'dyn':
      case 'error':
        return dyn;
      case 'variable':
        this.substitution.assignable(dyn, operand);
        return dyn;
      case 'message':
        return this.#report('UndeclaredReference', `undefined field '${field}'`, offset);
      default:
        this.#report('TypeMismatch', `type '${formatType(operand)}' does not support field selection`, offset);
        return dyn;
    }
  }

  #join(nodes: readonly CelNode[], scope: Scope | undefined): Type {
    let joined: Type | undefined;
    for (const node of nodes) {
      const type = this.check(node, scope);
      if (!joined) joined = type;
      else joined = this.substitution.assignable(joined, type) ? mostGeneral(joined, type) : dyn;
    }
    return joined ?? this.#variable();
  }

  #call(node: CallNode, scope: Scope | undefined): Type {
    if (node.name === '_&&_' || node.name === '_||_') {
      const fits = node.args.map((argument) => this.#expect(bool, argument, scope));
      return fits.every((one) => one) ? bool : error;
    }
    const given = node.args.map((argument) => this.check(argument, scope));
    const namespaced = this.#namespacedFunction(node, scope);
    const overloads = namespaced ?? this.#functionsNamed(node);
    const target = namespaced || !node.target ? [] : [this.check(node.target, scope)];
    if (!overloads) return this.#undeclared(node.name, node.at);
    const types = [...target, ...given];
    const member = target.length > 0;
    return this.#overload(
      node,
      overloads.filter((candidate) => candidate.member === member),
      types,
      namespaced !== undefined,
    );
  }

  #functionsNamed(node: CallNode): readonly Overload[] | undefined {
    const { container, functions } = this.#environment;
    if (node.target) return functions.get(node.name);
    return candidateNames(container, node.name)
      .map((name) => functions.get(name))
      .find((overloads) => overloads !== undefined);
  }

  #namespacedFunction(node: CallNode, scope: Scope | undefined): readonly Overload[] | undefined {
    const target = node.target && qualifiedName(node.target);
    if (target === undefined || isLocal(scope, target.split('.')[0])) return undefined;
    return candidateNames(this.#environment.container, `${target}.${node.name}`)
      .map((name) => this.#environment.functions.get(name))
      .find((overloads) => overloads !== undefined);
  }

  #overload(node: CallNode, candidates: readonly Overload[], types: readonly Type[], namespaced: boolean): Type {
    const matching: Overload[] = [];
    let result: Type | undefined;
    for (const candidate of candidates) {
      const [parameters, candidateResult] = this.#instantiate(candidate);
      if (!this.substitution.assignableAll(parameters, types)) continue;
      matching.push(candidate);
      const applied = this.substitution.apply(candidateResult);
      if (!result) result = applied;
      else if (result.kind !== 'dyn' && formatType(result) !== formatType(applied)) result = dyn;
    }
    if (!result) {
      const signature = types.map((type) => formatType(this.substitution.apply(type, true)));
      const given = node.target && !namespaced ? `${signature[0]}.(${signature.slice(1).join(', ')})` : `(${signature.join(', ')})`;
      return this.#report('NoMatchingOverload', `found no matching overload for '${node.name}' applied to '${given}'`, node.at);
    }
    this.references.set(node, { kind: 'function', overloads: matching, namespaced });
    return result;
  }

  /** A copy of the signature with type variables of its own. */
  #instantiate(overload: Overload): readonly [readonly Type[], Type] {
    const renamed = new Map<string, Type>();
    const rename = (type: Type): Type => {
      switch (type.kind) {
        case 'variable': {
          const known = renamed.get(type.name) ?? this.#variable();
          renamed.set(type.name, known);
          return known;
        }
        case 'list':
          return listOf(rename(type.element));
        case 'map':
          return mapOf(rename(type.key), rename(type.value));
        case 'type':
          return { kind: 'type', of: rename(type.of) };
        default:
          return type;
      }
    };
    return [overload.parameters.map(rename), rename(overload.result)];
  }

  #expect(expected: Type, node: CelNode, scope: Scope | undefined): boolean {
    const type = this.check(node, scope);
    if (this.substitution.assignable(expected, type)) return true;
    const found = formatType(this.substitution.apply(type));
    this.#report('TypeMismatch', `expected type '${formatType(expected)}' but found '${found}'`, node.at);
    return false;
  }

  #message(node: CelNode & { kind: 'message' }, scope: Scope | undefined): Type {
    const names = candidateNames(this.#environment.container, node.name);
    const message = names.map((name) => messageTypes.get(name)).find((found) => found !== undefined);
    if (!message && !names.some((name) => this.#environment.constants.has(name))) return this.#undeclared(node.name, node.at);
    if (!message) this.#report('TypeMismatch', `'${node.name}' is not a message type`, node.at);
    for (const field of node.fields) {
      const value = this.check(field.value, scope);
      const expected = message?.fields.get(field.name)?.type;
      if (!message) this.#report('TypeMismatch', `unexpected failed resolution of '${node.name}'`, field.at);
      else if (!expected) this.#report('UndeclaredReference', `undefined field '${field.name}'`, field.at);
      else if (!this.substitution.assignable(expected, value)) {
        const types = `'${formatType(expected)}' but provided type is '${formatType(this.substitution.apply(value))}'`;
        this.#report('TypeMismatch', `expected type of field '${field.name}' is ${types}`, field.at);
      }
    }
    return message?.type ?? error;
  }

  #comprehension(node: ComprehensionNode, scope: Scope | undefined): Type {
    const range = this.substitution.apply(this.check(node.range, scope));
    const inner: Scope = { name: node.variable, type: this.#elementType(range, node.range), comprehension: node, outer: scope };
    if (node.macro === 'all' || node.macro === 'exists') {
      if (node.predicate) this.#expect(bool, node.predicate, inner);
      return bool;
    }
    const condition = node.predicate && this.check(node.predicate, inner);
    const transformed = node.transform && this.check(node.transform, inner);
    const result = node.macro === 'exists_one' ? bool : listOf((node.macro === 'map' && transformed) || inner.type);
    if (condition && !this.substitution.assignable(bool, condition)) {
      // `filter`, `map` with three arguments and `exists_one` expand to a conditional upstream, and complain as one.
      const branch = node.macro === 'exists_one' ? 'int' : formatType(this.substitution.apply(result, true));
      const given = `(${formatType(this.substitution.apply(condition, true))}, ${branch}, ${branch})`;
      this.#report('NoMatchingOverload', `found no matching overload for '_?_:_' applied to '${given}'`, node.at);
    }
    return node.macro === 'sortBy' && transformed ? this.#sorted(result, transformed, node.at) : result;
  }

  /** `sortBy` expands to a call with the list and its keys. */
  #sorted(list: Type, key: Type, offset: number): Type {
    const comparable = comparableTypes.some((kind) => this.substitution.assignable({ kind } as Type, key));
    if (comparable) return list;
    const [given, keys] = [list, listOf(key)].map((type) => formatType(this.substitution.apply(type, true)));
    const message = `found no matching overload for '@sortByAssociatedKeys' applied to '${given}.(${keys})'`;
    return this.#report('NoMatchingOverload', message, offset);
  }

  #elementType(range: Type, node: CelNode): Type {
    switch (range.kind) {
      case 'list':
        return range.element;
      case 'map':
        return range.key;
      case 'dyn':
      case 'error':
        return dyn;
      case 'variable':
        this.substitution.assignable(dyn, range);
        return dyn;
      default: {
        const message = `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
        return this.#report('TypeMismatch', message, node.at);
      }
    }
  }
}

function isLocal(scope: Scope | undefined, name: string | undefined): boolean {
  for (let inner = scope; inner; inner = inner.outer) if (inner.name === name) return true;
  return false;
}

function literalType(value: unknown): Type {
  switch (typeof value) {
    case 'string':
      return { kind: 'string' };
    case 'number':
      return { kind: 'double' };
    case 'bigint':
      return { kind: 'int' };
    case 'boolean':
      return bool;
  }
  if (value === null) return { kind: 'null' };
  return { kind: value instanceof Uint8Array ? 'bytes' : 'uint' };
}
