import { type CallNode, type CelNode, childrenOf } from './ast.ts';
import type { Reference } from './checker.ts';
import { Failure, type Result } from './failure.ts';
import type { TraceRule } from './functions.ts';
import { mapSize } from './maps.ts';
import { HIDDEN, preview, showValue } from './preview.ts';
import { type CelValue, isMap } from './values.ts';

/** One node of an expression with the value it had. Plain JSON. */
export interface CelTrace {
  /** The source text of this sub-expression, cut when it is very long. */
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

const LONGEST_SOURCE = 1_000;
/** Most nodes of one trace, as it is kept for every event: a filter has some dozen. Those that come later in the source are left out. */
const MOST_NODES = 2_000;

/** What a trace is made from. */
export interface Recording {
  readonly source: string;
  readonly references: ReadonlyMap<CelNode, Reference>;
  /** Results by node id. */
  readonly results: readonly (Result | undefined)[];
  /** Ids of the nodes whose value must not be shown unless it is a mere yes, no or number. */
  readonly concealed: ReadonlySet<number>;
  /** Leaves out what says nothing by itself: literals, whole variables, what leads to a member, and what is below a part that was not evaluated. */
  readonly terse: boolean;
}

/**
 * Joins the tree with what was recorded. A node inside a comprehension has the value of the last iteration, which is the one that
 * decided for `all`, `exists` and errors. Secrets are left out: arguments of `compareSecret`, and what is concealed or made of it; and of a
 * variable that is a map only its size is told, as it may hold anything.
 */
export function buildTrace(recording: Recording, node: CelNode): CelTrace {
  return traceOf(recording, node, false, { nodes: MOST_NODES });
}

/** `left`: how many nodes may still be shown. */
function traceOf(recording: Recording, node: CelNode, passedThrough: boolean, left: { nodes: number }): CelTrace {
  left.nodes -= 1;
  const rule = node.kind === 'call' ? ruleOf(recording, node) : undefined;
  const { start, end } = node;
  const source =
    end - start > LONGEST_SOURCE ? `${recording.source.slice(start, start + LONGEST_SOURCE)}…` : recording.source.slice(start, end);
  const operation = operationOf(node);
  const result = recording.results[node.id];
  const isLeaf = rule?.arguments === 'hidden' || (recording.terse && result === undefined);
  const children = isLeaf ? [] : childTraces(recording, node, rule, left);
  if (result === undefined) return { source, start, end, operation, children };
  if (result instanceof Failure) return { source, start, end, operation, error: result.message, children };
  return { source, start, end, operation, value: shown(recording, node, result, rule, passedThrough), children };
}

function childTraces(recording: Recording, node: CelNode, rule: TraceRule | undefined, left: { nodes: number }): readonly CelTrace[] {
  const onTheWay = isAccess(node) && !(recording.results[node.id] instanceof Failure);
  const tracesOf = (nodes: readonly CelNode[]): readonly CelTrace[] => {
    const traces: CelTrace[] = [];
    for (const child of nodes) {
      if (recording.terse && !tells(recording, child, onTheWay)) continue;
      if (left.nodes > 0) traces.push(traceOf(recording, child, onTheWay, left));
    }
    return traces;
  };
  if (!rule?.revealed || node.kind !== 'call' || !node.target) return tracesOf(childrenOf(node));
  // In place of the receiver, which says little, the part of it that mattered.
  const { source, value } = rule.revealed;
  const { start, end } = node.target;
  const revealed = { source, start, end, operation: 'select', value: value === HIDDEN ? HIDDEN : preview(value), children: [] };
  return [revealed, ...tracesOf(node.args)];
}

/** Whether a part has something to tell that is not plain from the whole. */
function tells(recording: Recording, node: CelNode, passedThrough: boolean): boolean {
  const result = recording.results[node.id];
  if (result instanceof Failure) return true;
  switch (node.kind) {
    case 'literal':
      return false;
    case 'list':
    case 'map':
      return !childrenOf(node).every(({ kind }) => kind === 'literal');
    default:
      return !((passedThrough || node.kind === 'ident') && result !== undefined && isMap(result) && isPath(node));
  }
}

/** A variable, or a member of one by constant keys: there is nothing else below it. */
function isPath(node: CelNode): boolean {
  if (node.kind === 'ident') return true;
  if (node.kind === 'select') return !node.test && isPath(node.operand);
  const [operand, key] = node.kind === 'call' && node.name === '_[_]' ? node.args : [];
  return operand !== undefined && key?.kind === 'literal' && isPath(operand);
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

/** Of what is only passed through on the way to one of its members, as of a whole variable, the size says enough. */
function shown(recording: Recording, node: CelNode, result: CelValue, rule: TraceRule | undefined, passedThrough: boolean): string {
  if (rule?.result === 'hidden') return HIDDEN;
  const isVariable = recording.references.get(node)?.kind === 'variable';
  if ((passedThrough || isVariable) && isMap(result)) return `{${mapSize(result)} keys}`;
  return showValue(result, recording.concealed.has(node.id));
}

/** `a.b` and `a[b]`. */
function isAccess(node: CelNode): boolean {
  return (node.kind === 'select' && !node.test) || (node.kind === 'call' && node.name === '_[_]');
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
