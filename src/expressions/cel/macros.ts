import type { CelNode, Macro, NodeShape } from './ast.ts';
import { Uint } from './values.ts';

/** What a macro needs of the parser. */
export interface MacroContext {
  node(shape: NodeShape): CelNode;
  /** Records an issue and gives a node to go on with. */
  report(message: string, offset: number): CelNode;
}

interface Position {
  readonly start: number;
  readonly end: number;
  readonly at: number;
}

/** `has(operand.field)`; `undefined` when the call is no macro. */
export function expandGlobalMacro(context: MacroContext, name: string, args: readonly CelNode[], position: Position): CelNode | undefined {
  const [argument] = args;
  if (name !== 'has' || args.length !== 1 || !argument) return undefined;
  if (argument.kind !== 'select' || argument.test) return context.report('invalid argument to has() macro', argument.at);
  return context.node({ kind: 'select', operand: argument.operand, field: argument.field, test: true, ...position });
}

const ARITIES: Readonly<Record<Macro, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  map: [2, 3],
  filter: [2],
  sortBy: [2],
};

function isMacro(name: string): name is Macro {
  return Object.hasOwn(ARITIES, name);
}

/** Calls with another number of arguments are ordinary calls, which the checker then does not know: two-variable forms are not enabled. */
export function expandMemberMacro(
  context: MacroContext,
  name: string,
  range: CelNode,
  args: readonly CelNode[],
  position: Position,
): CelNode | undefined {
  if (range.kind === 'ident' && range.name === 'math' && (name === 'greatest' || name === 'least')) {
    return expandExtreme(context, name, range, args, position);
  }
  if (!isMacro(name) || !ARITIES[name].includes(args.length)) return undefined;
  const [variable, second, third] = args;
  if (!variable || !second) return undefined;
  if (variable.kind !== 'ident' || variable.name.startsWith('.')) {
    const quantifier = name === 'all' || name === 'exists' || name === 'exists_one';
    return context.report(quantifier ? 'argument must be a simple name' : 'argument is not an identifier', variable.at);
  }
  if (variable.name === '__result__') return context.report('iteration variable overwrites accumulator variable', variable.at);
  const mapped = name === 'map' || name === 'sortBy';
  return context.node({
    kind: 'comprehension',
    macro: name,
    range,
    variable: variable.name,
    predicate: mapped ? (third ? second : undefined) : second,
    transform: mapped ? (third ?? second) : undefined,
    ...position,
  });
}

/** `math.greatest(a, b, c)` becomes `math.@max([a, b, c])`; one or two arguments stay as they are. */
function expandExtreme(
  context: MacroContext,
  name: 'greatest' | 'least',
  target: CelNode,
  args: readonly CelNode[],
  position: Position,
): CelNode {
  const [first] = args;
  if (!first) return context.report(`math.${name}() requires at least one argument`, position.at);
  const wrong = args.find((argument) => !mayBeNumber(argument));
  if (args.length > 1 && wrong) return context.report(`math.${name}() simple literal arguments must be numeric`, wrong.at);
  const isList = first.kind === 'list' && first.elements.length > 0 && first.elements.every(mayBeNumber);
  if (args.length === 1 && !mayBeNumber(first) && !isList) return context.report(`math.${name}() invalid single argument value`, first.at);
  const list = () =>
    context.node({ kind: 'list', elements: args, start: first.start, end: args[args.length - 1]?.end ?? first.end, at: first.at });
  const operands = args.length > 2 ? [list()] : args;
  return context.node({ kind: 'call', name: name === 'greatest' ? '@max' : '@min', target, args: operands, ...position });
}

function mayBeNumber(node: CelNode): boolean {
  if (node.kind === 'literal') return typeof node.value === 'number' || typeof node.value === 'bigint' || node.value instanceof Uint;
  return node.kind !== 'list' && node.kind !== 'map' && node.kind !== 'message';
}
