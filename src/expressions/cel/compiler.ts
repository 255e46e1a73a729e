import { has, index, isIn, select } from './access.ts';
import { add, divide, modulo, multiply, negate, not, subtract } from './arithmetic.ts';
import type { CallNode, CelNode, ComprehensionNode } from './ast.ts';
import type { Reference } from './checker.ts';
import type { Compilation, Evaluate } from './compilation.ts';
import { compileComprehension } from './comprehension.ts';
import { compileCall } from './dispatch.ts';
import { equals } from './equality.ts';
import { Failure, locate, noSuchOverload, type Result } from './failure.ts';
import type { Frame } from './frame.ts';
import { type CelLimits, spendElements, spendRead } from './limits.ts';
import { MixedMap } from './maps.ts';

import { candidateNames } from './names.ts';
import { greater, greaterOrEqual, less, lessOrEqual } from './ordering.ts';
import { buildMessage, messageTypes } from './protobuf/messages.ts';
import { type CelValue, Uint } from './values.ts';

export interface CompileInput {
  readonly ast: CelNode;
  readonly references: ReadonlyMap<CelNode, Reference>;
  readonly container: string;
  readonly limits: CelLimits;
  /** Records the result of every node in `frame.record`. */
  readonly traced: boolean;
}

export interface Compiled {
  readonly evaluate: Evaluate;
  /** Names of the variables in slot order; comprehensions use the slots after them. */
  readonly variables: readonly string[];
  readonly slotCount: number;
  /** A constant argument that can never work, such as a malformed pattern. */
  readonly failure: Failure | undefined;
}

/**
 * Turns a checked tree into closures, once. Names are resolved to slots, constants are bound, overloads are narrowed to those the
 * checker left; at evaluation nothing is looked up by name but the payload's own keys.
 */
export function compile(input: CompileInput): Compiled {
  const compiler = new Compiler(input);
  const evaluate = compiler.node(input.ast);
  return { evaluate, variables: compiler.variables, slotCount: compiler.slotCount, failure: compiler.failure };
}

type Binary = (a: CelValue, b: CelValue, frame: Frame) => Result;

const BINARY: ReadonlyMap<string, Binary> = new Map<string, Binary>([
  ['_+_', add],
  ['_-_', subtract],
  ['_*_', multiply],
  ['_/_', divide],
  ['_%_', modulo],
  ['_<_', less],
  ['_<=_', lessOrEqual],
  ['_>_', greater],
  ['_>=_', greaterOrEqual],
  ['_[_]', index],
  ['@in', isIn],
]);

/** Longest text that is compared without accounting for it. */
const SHORT = 64;

class Compiler implements Compilation {
  readonly variables: string[] = [];
  slotCount: number;
  failure: Failure | undefined;
  readonly #input: CompileInput;
  readonly #slots = new Map<ComprehensionNode, number>();
  readonly #constants = new Map<CelNode, CelValue>();
  readonly constantFrame: Frame;

  constructor(input: CompileInput) {
    this.#input = input;
    this.constantFrame = { limits: input.limits, steps: 0, slots: [], host: undefined, record: undefined };
    const names = new Set<string>();
    for (const reference of input.references.values()) if (reference.kind === 'variable') names.add(reference.name);
    this.variables.push(...names);
    this.slotCount = names.size;
  }

  node(node: CelNode): Evaluate {
    const evaluate = this.#compile(node);
    if (!this.#input.traced) return evaluate;
    return (frame) => {
      const result = evaluate(frame);
      if (frame.record) frame.record[node.id] = result;
      return result;
    };
  }

  referenceOf(node: CelNode): Reference | undefined {
    return this.#input.references.get(node);
  }

  newSlot(node: ComprehensionNode): number {
    const slot = this.slotCount++;
    this.#slots.set(node, slot);
    return slot;
  }

  constantOf(node: CelNode): CelValue | undefined {
    return node.kind === 'literal' ? node.value : this.#constants.get(node);
  }

  keepConstant(node: CelNode, value: CelValue): void {
    this.#constants.set(node, value);
  }

  get traced(): boolean {
    return this.#input.traced;
  }

  fail(failure: Failure): void {
    this.failure ??= failure;
  }

  #compile(node: CelNode): Evaluate {
    switch (node.kind) {
      case 'literal': {
        const { value } = node;
        return () => value;
      }
      case 'ident':
        return this.#reference(node) ?? unresolved(node.name, node.at);
      case 'select':
        return this.#reference(node) ?? this.#select(node);
      case 'call':
        return this.#call(node);
      case 'list':
        return this.#list(node.elements);
      case 'map':
        return this.#map(node);
      case 'message':
        return this.#message(node);
      case 'comprehension':
        return compileComprehension(this, node);
    }
  }

  #reference(node: CelNode): Evaluate | undefined {
    const reference = this.#input.references.get(node);
    if (!reference || reference.kind === 'function') return undefined;
    if (reference.kind === 'constant') return () => reference.value;
    const slot = reference.kind === 'local' ? this.#slots.get(reference.comprehension) : this.variables.indexOf(reference.name);
    if (slot === undefined) throw new Error(`node at ${node.start}: its comprehension is not being compiled`);
    const name = reference.kind === 'variable' ? reference.name : '';
    return (frame) => {
      const value = frame.slots[slot];
      return value === undefined ? new Failure('NoSuchAttribute', `no such attribute(s): ${name}`) : value;
    };
  }

  #select(node: CelNode & { kind: 'select' }): Evaluate {
    const operand = this.node(node.operand);
    const { field, at } = node;
    if (node.test) {
      return (frame) => {
        const value = operand(frame);
        return value instanceof Failure ? value : locate(has(value, field), at);
      };
    }
    return (frame) => {
      const value = operand(frame);
      return value instanceof Failure ? value : locate(select(value, field), at);
    };
  }

  #call(node: CallNode): Evaluate {
    const [first, second, third] = node.args;
    switch (node.name) {
      case '_&&_':
        return this.#absorbing(node.args, false);
      case '_||_':
        return this.#absorbing(node.args, true);
      case '_?_:_':
        return first && second && third ? this.#conditional(first, second, third) : unresolved(node.name, node.at);
      case '!_':
        return this.#unary(node, not);
      case '-_':
        return this.#unary(node, negate);
      case '_==_':
      case '_!=_':
        return this.#equality(node, node.name === '_==_');
    }
    const texts = node.name === '@in' && !this.#input.traced ? constantTexts(second) : undefined;
    if (texts) return this.#inTexts(node, texts);
    const binary = BINARY.get(node.name);
    return binary ? this.#binary(node, binary) : compileCall(this, node);
  }

  /** `&&` (absorbing false) and `||` (absorbing true): one absorbing operand decides, whatever errors the others are. */
  #absorbing(operands: readonly CelNode[], absorbing: boolean): Evaluate {
    const compiled = operands.map((operand) => this.node(operand));
    return (frame) => {
      let failure: Failure | undefined;
      for (const operand of compiled) {
        const value = operand(frame);
        if (value === absorbing) return absorbing;
        if (value === !absorbing) continue;
        if (value instanceof Failure && value.fatal) return value;
        failure ??= value instanceof Failure ? value : noSuchOverload();
      }
      return failure ?? !absorbing;
    };
  }

  #conditional(condition: CelNode, then: CelNode, otherwise: CelNode): Evaluate {
    const [test, whenTrue, whenFalse] = [this.node(condition), this.node(then), this.node(otherwise)];
    return (frame) => {
      const value = test(frame);
      if (value === true) return whenTrue(frame);
      if (value === false) return whenFalse(frame);
      return value instanceof Failure ? value : locate(noSuchOverload(), condition.at);
    };
  }

  #unary(node: CallNode, apply: (value: CelValue) => Result): Evaluate {
    const operand = this.#argument(node, 0);
    return (frame) => {
      const value = operand(frame);
      return value instanceof Failure ? value : locate(apply(value), node.at);
    };
  }

  #binary(node: CallNode, apply: Binary): Evaluate {
    const left = this.#argument(node, 0);
    const right = this.#argument(node, 1);
    return (frame) => {
      const a = left(frame);
      if (a instanceof Failure) return a;
      const b = right(frame);
      return b instanceof Failure ? b : locate(apply(a, b, frame), node.at);
    };
  }

  /** `x in ['a', 'b']`: a string equals only strings, so that anything else is not in the list. */
  #inTexts(node: CallNode, texts: ReadonlySet<CelValue>): Evaluate {
    const operand = this.#argument(node, 0);
    return (frame) => {
      const value = operand(frame);
      return value instanceof Failure ? value : texts.has(value);
    };
  }

  #equality(node: CallNode, equal: boolean): Evaluate {
    const left = this.#argument(node, 0);
    const right = this.#argument(node, 1);
    const constant = node.args[1];
    if (constant?.kind === 'literal' && typeof constant.value === 'string' && constant.value.length <= SHORT) {
      const text = constant.value;
      // The literal is still evaluated when tracing, so that it is recorded.
      return (frame) => {
        const value = left(frame);
        if (frame.record) right(frame);
        if (value === text) return equal;
        return value instanceof Failure ? value : !equal;
      };
    }
    return (frame) => {
      const a = left(frame);
      if (a instanceof Failure) return a;
      const b = right(frame);
      if (b instanceof Failure) return b;
      const same = equals(a, b, frame);
      return same instanceof Failure ? same : same === equal;
    };
  }

  #argument(node: CallNode, position: number): Evaluate {
    const argument = node.args[position];
    if (!argument) throw new Error(`operator ${node.name} at ${node.at}: expected an operand at position ${position}`);
    return this.node(argument);
  }

  #list(elements: readonly CelNode[]): Evaluate {
    const compiled = elements.map((element) => this.node(element));
    const constants = elements.map((element) => (element.kind === 'literal' ? element.value : undefined));
    if (!this.#input.traced && constants.every((value) => value !== undefined)) return () => constants;
    return (frame) => {
      const spent = spendElements(frame, compiled.length);
      if (spent) return spent;
      const list: CelValue[] = [];
      for (const element of compiled) {
        const value = element(frame);
        if (value instanceof Failure) return value;
        list.push(value);
      }
      return list;
    };
  }

  #map(node: CelNode & { kind: 'map' }): Evaluate {
    const entries = node.entries.map(({ key, value }) => ({ key: this.node(key), value: this.node(value), at: key.at }));
    return (frame) => {
      // Making a map takes longer than making a list.
      const spent = spendElements(frame, 4 + entries.length * 2);
      if (spent) return spent;
      const map = new MixedMap();
      for (const entry of entries) {
        const key = entry.key(frame);
        if (key instanceof Failure) return key;
        const value = entry.value(frame);
        if (value instanceof Failure) return value;
        if (typeof key !== 'string' && typeof key !== 'bigint' && typeof key !== 'boolean' && !(key instanceof Uint)) {
          return locate(new Failure('InvalidArgument', 'unsupported key type'), entry.at);
        }
        const read = typeof key === 'string' ? spendRead(frame, key.length) : undefined;
        if (read) return read;
        if (map.has(key)) {
          const text = key instanceof Uint ? key.value : key;
          return locate(new Failure('InvalidArgument', `Failed with repeated key: ${text}`), entry.at);
        }
        map.set(key, value);
      }
      return map;
    };
  }

  #message(node: CelNode & { kind: 'message' }): Evaluate {
    const name = candidateNames(this.#input.container, node.name).find((candidate) => messageTypes.has(candidate)) ?? node.name;
    const message = messageTypes.get(name);
    if (!message) return unresolved(node.name, node.at);
    const fields = node.fields.map((field) => ({ name: field.name, evaluate: this.node(field.value) }));
    return (frame) => {
      const given: [string, CelValue][] = [];
      for (const field of fields) {
        const value = field.evaluate(frame);
        if (value instanceof Failure) return value;
        given.push([field.name, value]);
      }
      return locate(buildMessage(name, message, given, frame), node.at);
    };
  }
}

function constantTexts(list: CelNode | undefined): ReadonlySet<CelValue> | undefined {
  if (list?.kind !== 'list') return undefined;
  const texts = new Set<CelValue>();
  for (const element of list.elements) {
    if (element.kind !== 'literal' || typeof element.value !== 'string' || element.value.length > SHORT) return undefined;
    texts.add(element.value);
  }
  return texts;
}

function unresolved(name: string, at: number): Evaluate {
  return () => locate(new Failure('UndeclaredReference', `undeclared reference to '${name}' (in container '')`), at);
}
