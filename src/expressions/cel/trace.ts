import { type CelNode, childrenOf } from './ast.ts';
import { Failure, type Result } from './failure.ts';
import { preview } from './preview.ts';

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

/**
 * Joins the tree with what was recorded. A node inside a comprehension has the value of the last iteration, which is the one that
 * decided for `all`, `exists` and errors. Arguments of `compareSecret` are not shown.
 */
export function buildTrace(source: string, node: CelNode, record: readonly (Result | undefined)[]): CelTrace {
  const recorded = record[node.id];
  const hidden = node.kind === 'call' && node.name === 'compareSecret';
  return {
    source: source.slice(node.start, node.end),
    start: node.start,
    end: node.end,
    operation: operationOf(node),
    ...(recorded === undefined ? {} : recorded instanceof Failure ? { error: recorded.message } : { value: preview(recorded) }),
    children: hidden ? [] : childrenOf(node).map((child) => buildTrace(source, child, record)),
  };
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
