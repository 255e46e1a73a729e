import type { CelNode, Macro, NodeShape } from './ast.ts';

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

const ARITIES: Readonly<Record<Macro, readonly number[]>> = { all: [2], exists: [2], exists_one: [2], map: [2, 3], filter: [2] };

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
  if (!isMacro(name) || !ARITIES[name].includes(args.length)) return undefined;
  const [variable, second, third] = args;
  if (!variable || !second) return undefined;
  if (variable.kind !== 'ident' || variable.name.startsWith('.')) {
    const quantifier = name === 'all' || name === 'exists' || name === 'exists_one';
    return context.report(quantifier ? 'argument must be a simple name' : 'argument is not an identifier', variable.at);
  }
  if (variable.name === '__result__') return context.report('iteration variable overwrites accumulator variable', variable.at);
  const mapped = name === 'map';
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
