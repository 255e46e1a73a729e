import { type CallNode, type CelNode, childrenOf } from './ast.ts';
import type { Reference } from './checker.ts';
import { Failure, type Result } from './failure.ts';
import type { TraceRule } from './functions.ts';
import { mapSize } from './maps.ts';
import { preview } from './preview.ts';
import { type CelValue, isMap } from './values.ts';

/** One node of an expression with the value it had. Plain JSON. */
export interface CelTrace {
  /** The source text of this sub-expression. */
  readonly source: string;
  /** Offsets into the whole expression, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** What the node is: an operator (`&&`, `==`, `?:`, `!`), a function's or macro's name, `select`, `literal`, `variable`, `list`, `map`. */
  readonly operation: string;
  /** JSON rendering of the value, cut to a few hundred characters; absent when it was not evaluated. */
  readonly value?: string;
  readonly error?: string;
  readonly children: readonly CelTrace[];
}

/** What a trace is made from. */
export interface Recording {
  readonly source: string;
  readonly references: ReadonlyMap<CelNode, Reference>;
  /** Results by node id. */
  readonly results: readonly (Result | undefined)[];
  /** Whether what this path (variable first, then keys) leads to must not be shown. */
  readonly conceals: (path: readonly string[]) => boolean;
}

const HIDDEN = '(hidden)';

/**
 * Joins the tree with what was recorded. A node inside a comprehension has the value of the last iteration, which is the one that
 * decided for `all`, `exists` and errors. Secrets are left out: arguments of `compareSecret`, concealed paths; and of a variable that is
 * a map only its size is told, as it may hold anything.
 */
export function buildTrace(recording: Recording, node: CelNode): CelTrace {
  const rule = node.kind === 'call' ? ruleOf(recording, node) : undefined;
  const concealed = rule?.result === 'hidden' || recording.conceals(constantPath(node) ?? []);
  return {
    source: recording.source.slice(node.start, node.end),
    start: node.start,
    end: node.end,
    operation: operationOf(node),
    ...outcome(recording, node, concealed),
    children: rule?.arguments === 'hidden' ? [] : children(recording, node, rule),
  };
}

function children(recording: Recording, node: CelNode, rule: TraceRule | undefined): readonly CelTrace[] {
  const traces = childrenOf(node).map((child) => buildTrace(recording, child));
  if (!rule?.revealed || node.kind !== 'call' || !node.target) return traces;
  // In place of the receiver, which says little, the part of it that mattered.
  const { source, value } = rule.revealed;
  const { start, end } = node.target;
  return [{ source, start, end, operation: 'select', value: value === HIDDEN ? HIDDEN : preview(value), children: [] }, ...traces.slice(1)];
}

function ruleOf(recording: Recording, node: CallNode): TraceRule | undefined {
  const reference = recording.references.get(node);
  const overload = reference?.kind === 'function' ? reference.overloads[0] : undefined;
  if (!overload?.trace) return undefined;
  const args = (node.target ? [node.target, ...node.args] : node.args).map((argument) => {
    const result = recording.results[argument.id];
    return result instanceof Failure ? undefined : result;
  });
  return overload.trace(args);
}

function outcome(recording: Recording, node: CelNode, concealed: boolean): { readonly value?: string; readonly error?: string } {
  const result = recording.results[node.id];
  if (result === undefined) return {};
  if (result instanceof Failure) return { error: result.message };
  if (concealed) return { value: HIDDEN };
  const isVariable = recording.references.get(node)?.kind === 'variable';
  return { value: isVariable && isMap(result) ? `{${mapSize(result)} keys}` : preview(result) };
}

/** `['header', 'X-Foo', '0']` for `header['X-Foo'][0]`. */
function constantPath(node: CelNode): readonly string[] | undefined {
  if (node.kind === 'ident') return [node.name];
  if (node.kind === 'select' && !node.test) return extend(node.operand, node.field);
  if (node.kind !== 'call' || node.name !== '_[_]') return undefined;
  const [operand, key] = node.args;
  return operand && key?.kind === 'literal' ? extend(operand, String(key.value satisfies CelValue)) : undefined;
}

function extend(operand: CelNode, key: string): readonly string[] | undefined {
  const path = constantPath(operand);
  return path && [...path, key];
}

function operationOf(node: CelNode): string {
  switch (node.kind) {
    case 'call':
      return node.name.replace(/^@|_/g, '');
    case 'ident':
      return 'variable';
    case 'comprehension':
      return node.macro;
    case 'select':
      return node.test ? 'has' : 'select';
    default:
      return node.kind;
  }
}
