import type { CallNode, CelNode } from './ast.ts';
import type { Compilation, Evaluate } from './compilation.ts';
import { Failure, locate, noSuchFunctionOverload, type Result } from './failure.ts';
import type { Frame } from './frame.ts';
import { accepts, type Call, type Overload } from './functions.ts';
import { spend } from './limits.ts';
import { type CelValue, Duration, emptyMessage, isList, isMap, type Kind, Timestamp, TypeValue, Uint } from './values.ts';

/** Conversions of constants, nested ones too, happen at once, as upstream: `int('x')` is an error of the program, not of an evaluation. */
const CONVERSIONS: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint']);

/** A call of a named function. Which overload applies is decided by the arguments at hand, among those the checker left. */
export function compileCall(compilation: Compilation, node: CallNode): Evaluate {
  const reference = compilation.referenceOf(node);
  if (reference?.kind !== 'function') {
    const failure = () => new Failure('UndeclaredReference', `undeclared reference to '${node.name}' (in container '')`);
    return () => locate(failure(), node.at);
  }
  const argumentNodes = node.target && !reference.namespaced ? [node.target, ...node.args] : node.args;
  const args = argumentNodes.map((argument) => compilation.node(argument));
  const call = prepared(compilation, reference.overloads, argumentNodes) ?? dispatcher(node.name, reference.overloads);
  return convertNow(compilation, node, argumentNodes, call) ?? invoke(args, call, node.at);
}

function convertNow(compilation: Compilation, node: CallNode, [argument, ...others]: readonly CelNode[], call: Call): Evaluate | undefined {
  if (!argument || others.length > 0 || !CONVERSIONS.has(node.name)) return undefined;
  const constant = compilation.constantOf(argument);
  if (constant === undefined) return undefined;
  const result = locate(call(constant, compilation.constantFrame), node.at);
  if (result instanceof Failure) compilation.fail(result);
  else compilation.keepConstant(node, result);
  // What is traced evaluates its argument too.
  return compilation.traced ? undefined : () => result;
}

/** Lets an overload use arguments that are constants, e.g. compile a pattern once. */
function prepared(compilation: Compilation, overloads: readonly Overload[], nodes: readonly CelNode[]): Call | undefined {
  const [only] = overloads;
  if (overloads.length !== 1 || !only?.prepare) return undefined;
  const result = only.prepare(
    nodes.map((node) => compilation.constantOf(node)),
    compilation.constantFrame,
  );
  if (!(result instanceof Failure)) return result;
  compilation.fail(result);
  return undefined;
}

function dispatcher(name: string, overloads: readonly Overload[]): Call {
  const [only] = overloads;
  if (only?.universal) return only.call;
  if (only && overloads.length === 1) return guarded(name, only);
  return (...given) => {
    const args = given.slice(0, -1) as CelValue[];
    for (const overload of overloads) if (accepts(overload, args)) return overload.call(...given);
    return noSuchFunctionOverload(name, args);
  };
}

/** One overload: its arguments are tested in place for the usual numbers of them. */
function guarded(name: string, overload: Overload): Call {
  const [first, second] = overload.kinds.map((kind) => (kind === undefined ? isAny : KIND_TESTS[kind]));
  const { call } = overload;
  if (overload.kinds.length === 1 && first) {
    return (a, frame) => (first(a as CelValue) ? call(a, frame) : noSuchFunctionOverload(name, [a as CelValue]));
  }
  if (overload.kinds.length === 2 && first && second) {
    return (a, b, frame) => {
      const fits = first(a as CelValue) && second(b as CelValue);
      return fits ? call(a, b, frame) : noSuchFunctionOverload(name, [a as CelValue, b as CelValue]);
    };
  }
  return (...given) => {
    const args = given.slice(0, -1) as CelValue[];
    return accepts(overload, args) ? call(...given) : noSuchFunctionOverload(name, args);
  };
}

function isAny(): boolean {
  return true;
}

const KIND_TESTS: Readonly<Record<Kind, (value: CelValue) => boolean>> = {
  null: (value) => value === null,
  bool: (value) => typeof value === 'boolean',
  int: (value) => typeof value === 'bigint',
  uint: (value) => value instanceof Uint,
  double: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  bytes: (value) => value instanceof Uint8Array,
  list: isList,
  map: isMap,
  timestamp: (value) => value instanceof Timestamp,
  duration: (value) => value instanceof Duration,
  type: (value) => value instanceof TypeValue,
  message: (value) => value === emptyMessage,
};

/** Evaluates the arguments, then calls. Spelled out for the usual numbers of arguments, which spares an array a call. */
function invoke(args: readonly Evaluate[], call: Call, at: number): Evaluate {
  const [first, second] = args;
  if (args.length === 1 && first) {
    return (frame) => {
      const a = first(frame);
      if (a instanceof Failure) return a;
      return spend(frame, 1) ?? locate(call(a, frame), at);
    };
  }
  if (args.length === 2 && first && second) {
    return (frame) => {
      const a = first(frame);
      if (a instanceof Failure) return a;
      const b = second(frame);
      if (b instanceof Failure) return b;
      return spend(frame, 1) ?? locate(call(a, b, frame), at);
    };
  }
  return (frame: Frame): Result => {
    const values: (CelValue | Frame)[] = [];
    for (const argument of args) {
      const value = argument(frame);
      if (value instanceof Failure) return value;
      values.push(value);
    }
    return spend(frame, 1) ?? locate(call(...values, frame), at);
  };
}
