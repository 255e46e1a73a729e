import type { CallNode, CelNode } from './ast.ts';
import type { Compiler, Evaluate } from './compiler.ts';
import { locate } from './compiler.ts';
import { Failure, noSuchFunctionOverload, type Result } from './failure.ts';
import type { Frame } from './frame.ts';
import { accepts, type Call, type Overload } from './functions.ts';
import { spend } from './limits.ts';
import type { CelValue } from './values.ts';

/** Conversions of constants happen at once, as upstream: `int('x')` is then an error of the program, not of an evaluation. */
const CONVERSIONS: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint']);

/** A call of a named function. Which overload applies is decided by the arguments at hand, among those the checker left. */
export function compileCall(compiler: Compiler, node: CallNode): Evaluate {
  const reference = compiler.referenceOf(node);
  if (reference?.kind !== 'function') {
    const failure = () => new Failure('UndeclaredReference', `undeclared reference to '${node.name}' (in container '')`);
    return () => locate(failure(), node.at);
  }
  const argumentNodes = node.target && !reference.namespaced ? [node.target, ...node.args] : node.args;
  const args = argumentNodes.map((argument) => compiler.node(argument));
  const call = prepared(compiler, reference.overloads, argumentNodes) ?? dispatcher(node.name, reference.overloads);
  if (CONVERSIONS.has(node.name) && argumentNodes.length === 1) convertNow(compiler, node, argumentNodes[0], call);
  return invoke(args, call, node.at);
}

function convertNow(compiler: Compiler, node: CallNode, argument: CelNode | undefined, call: Call): void {
  if (argument?.kind !== 'literal') return;
  const result = call(argument.value, compiler.constantFrame);
  if (result instanceof Failure) compiler.fail(locate(result, node.at) as Failure);
}

/** Lets an overload use arguments that are constants, e.g. compile a pattern once. */
function prepared(compiler: Compiler, overloads: readonly Overload[], nodes: readonly CelNode[]): Call | undefined {
  const [only] = overloads;
  if (overloads.length !== 1 || !only?.prepare) return undefined;
  const result = only.prepare(nodes.map((node) => (node.kind === 'literal' ? node.value : undefined)));
  if (!(result instanceof Failure)) return result;
  compiler.fail(result);
  return undefined;
}

function dispatcher(name: string, overloads: readonly Overload[]): Call {
  const [only] = overloads;
  if (only?.universal) return only.call;
  return (...given) => {
    const args = given.slice(0, -1) as CelValue[];
    for (const overload of overloads) if (accepts(overload, args)) return overload.call(...given);
    return noSuchFunctionOverload(name, args);
  };
}

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
