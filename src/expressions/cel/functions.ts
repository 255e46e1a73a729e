import type { Failure, Result } from './failure.ts';
import type { Frame } from './frame.ts';
import { readType } from './signature.ts';
import type { Type } from './types.ts';
import {
  type CelList,
  type CelMap,
  type CelValue,
  type Duration,
  type Kind,
  kindOf,
  type Timestamp,
  type TypeValue,
  type Uint,
} from './values.ts';

/** How an overload's code sees its arguments. */
interface Natives {
  dyn: CelValue;
  bool: boolean;
  int: bigint;
  uint: Uint;
  double: number;
  string: string;
  bytes: Uint8Array;
  null: null;
  timestamp: Timestamp;
  duration: Duration;
}
type Native<S extends string> = S extends keyof Natives
  ? Natives[S]
  : S extends `list(${string}`
    ? CelList
    : S extends `map(${string}`
      ? CelMap
      : S extends `type(${string}`
        ? TypeValue
        : CelValue;
type Arguments<P extends readonly string[]> = { [K in keyof P]: Native<P[K]> };

/** The code of an overload: its arguments, then the frame. */
export type Call = (...args: (CelValue | Frame)[]) => Result;

export interface Overload {
  readonly name: string;
  /** Called as `a.f(b)`; the receiver is then the first parameter. */
  readonly member: boolean;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** What arguments must be at run time; `undefined` takes any. */
  readonly kinds: readonly (Kind | undefined)[];
  readonly call: Call;
  /** Whether `call` copes with any argument by itself, so that run-time dispatch is not needed. */
  readonly universal: boolean;
  /**
   * Called while compiling with the arguments that are constants (`undefined` for the others). May give code that has made use of them,
   * or a failure that no evaluation could avoid.
   */
  readonly prepare?: Prepare;
  /** How a trace shows a call of it; all is shown when absent. */
  readonly trace?: (args: readonly (CelValue | undefined)[]) => TraceRule;
}

export interface TraceRule {
  readonly arguments: 'shown' | 'hidden';
  readonly result: 'shown' | 'hidden';
  /** Shown in place of the receiver: the part of it that mattered, as source text and value. */
  readonly revealed?: { readonly source: string; readonly value: CelValue } | undefined;
}

/** The frame accounts for what is done while compiling. */
export type Prepare = (constants: readonly (CelValue | undefined)[], frame: Frame) => Call | Failure | undefined;

export function withPrepare(overloads: readonly Overload[], prepare: Prepare): readonly Overload[] {
  return overloads.map((overload) => ({ ...overload, prepare }));
}

type Code<P extends readonly string[]> = (...args: [...Arguments<P>, Frame]) => Result;

/** `name(a, b)`. */
export function fn<const P extends readonly string[]>(name: string, parameters: P, result: string, call: Code<P>): Overload {
  return overload(name, false, parameters, result, call as unknown as Call, false);
}

/** `a.name(b)`. The code is entered only with arguments of the declared kinds. */
export function method<const P extends readonly string[]>(name: string, parameters: P, result: string, call: Code<P>): Overload {
  return overload(name, true, parameters, result, call as unknown as Call, false);
}

/** Several signatures with one code that tells its arguments apart itself; written `a b -> c`. */
export function universal(name: string, style: 'fn' | 'method', signatures: readonly string[], call: Call): readonly Overload[] {
  return signatures.map((signature) => {
    const [parameters = '', result = ''] = signature.split(' -> ');
    return overload(name, style === 'method', parameters === '' ? [] : parameters.split('; '), result, call, true);
  });
}

function overload(
  name: string,
  member: boolean,
  parameters: readonly string[],
  result: string,
  call: Call,
  isUniversal: boolean,
): Overload {
  const types = parameters.map(readType);
  return { name, member, parameters: types, result: readType(result), kinds: types.map(kindOfType), call, universal: isUniversal };
}

function kindOfType(type: Type): Kind | undefined {
  switch (type.kind) {
    case 'dyn':
    case 'error':
    case 'variable':
    case 'wrapper':
      return undefined;
    default:
      return type.kind;
  }
}

export function accepts(candidate: Overload, args: readonly CelValue[]): boolean {
  if (candidate.kinds.length !== args.length) return false;
  return candidate.kinds.every((kind, index) => kind === undefined || kind === kindOf(args[index] ?? null));
}
