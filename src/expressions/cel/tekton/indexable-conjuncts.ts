import type { CallNode, CelNode } from '../ast.ts';
import { canonicalHeaderName } from './header-name.ts';

/**
 * A condition that must hold for the filter to be true, in a form that an index over many filters can use.
 *
 * - `path`: the value found by following the keys (variable first, e.g. `['body', 'action']`) must be one of `values`. When it is
 *   present and is not, the filter is false: a false conjunct wins over errors of the others. When it is missing (a key is absent, or
 *   something on the way is a scalar), the filter is false if `guarded`, and otherwise cannot be true but may be an error
 *   (`no such key`), which upstream reports as a failure rather than as filtered. A list on the way is always an error.
 * - `header`: the first value of the header (canonical name), or `''` when there is none, must be one of `values`; otherwise the filter
 *   is false. `header.match` asks for a header that is there, so that its value is never `''` here.
 */
export type IndexableConjunct =
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly values: readonly string[]; readonly guarded: boolean }
  | { readonly kind: 'header'; readonly name: string; readonly values: readonly string[] };

/**
 * The conditions of a filter compiled against `tektonTriggersEnvironment` that are equalities with string literals: `x == 'a'`,
 * `x in ['a', 'b']`, `x == 'a' || x == 'b'`, `header.match('X', 'a')`, `header.canonical('X') == 'a'`. Conservative: what is not
 * recognised is left out, and an empty list means that every event is a candidate.
 */
export function indexableConjuncts(ast: CelNode): readonly IndexableConjunct[] {
  const conjuncts = flatten(ast, '_&&_');
  const guards = new Set(conjuncts.map(guardOf).filter((guard) => guard !== undefined));
  return conjuncts.flatMap((conjunct): readonly IndexableConjunct[] => {
    const equality = equalityOf(conjunct);
    if (!equality) return [];
    if (equality.subject.kind === 'header') return [{ ...equality.subject, values: equality.values }];
    const { path } = equality.subject;
    const guarded = path.slice(1).every((_key, index) => guards.has(JSON.stringify(path.slice(0, index + 2))));
    return [{ kind: 'path', path, values: equality.values, guarded }];
  });
}

function flatten(node: CelNode, operator: '_&&_' | '_||_'): readonly CelNode[] {
  return node.kind === 'call' && node.name === operator ? node.args.flatMap((operand) => flatten(operand, operator)) : [node];
}

/** The path that `has(…)` tests, as a key. */
function guardOf(node: CelNode): string | undefined {
  if (node.kind !== 'select' || !node.test) return undefined;
  const path = pathOf(node.operand);
  return path && JSON.stringify([...path, node.field]);
}

type Subject = { readonly kind: 'path'; readonly path: readonly string[] } | { readonly kind: 'header'; readonly name: string };

interface Equality {
  readonly subject: Subject;
  readonly values: readonly string[];
}

function equalityOf(node: CelNode): Equality | undefined {
  if (node.kind !== 'call') return undefined;
  switch (node.name) {
    case '_==_':
      return compared(node.args[0], node.args[1]) ?? compared(node.args[1], node.args[0]);
    case '@in':
      return member(node);
    case '_||_':
      return alternatives(node);
    case 'match':
      return matched(node);
    default:
      return undefined;
  }
}

function compared(subjectNode: CelNode | undefined, literal: CelNode | undefined): Equality | undefined {
  const subject = subjectNode && subjectOf(subjectNode);
  const value = textOf(literal);
  return subject && value !== undefined ? { subject, values: [value] } : undefined;
}

function member(node: CallNode): Equality | undefined {
  const [element, list] = node.args;
  const subject = element && subjectOf(element);
  if (!subject || list?.kind !== 'list') return undefined;
  const values = list.elements.map(textOf).filter((value) => value !== undefined);
  return values.length === list.elements.length ? { subject, values } : undefined;
}

/** `x == 'a' || x == 'b'` when every alternative is about the same subject. */
function alternatives(node: CallNode): Equality | undefined {
  const equalities = flatten(node, '_||_').map(equalityOf);
  const first = equalities[0];
  if (!first) return undefined;
  const key = JSON.stringify(first.subject);
  const values = new Set<string>();
  for (const equality of equalities) {
    if (!equality || JSON.stringify(equality.subject) !== key) return undefined;
    for (const value of equality.values) values.add(value);
  }
  return { subject: first.subject, values: [...values] };
}

function matched(node: CallNode): Equality | undefined {
  const name = node.target?.kind === 'ident' && node.target.name === 'header' ? textOf(node.args[0]) : undefined;
  const value = textOf(node.args[1]);
  // An empty value matches a header that is there and empty, but not one that is absent; an index cannot tell the two apart.
  if (name === undefined || value === undefined || value === '') return undefined;
  return { subject: { kind: 'header', name: canonicalHeaderName(name) }, values: [value] };
}

function subjectOf(node: CelNode): Subject | undefined {
  if (node.kind === 'call' && node.name === 'canonical' && node.target?.kind === 'ident' && node.target.name === 'header') {
    const name = textOf(node.args[0]);
    return name === undefined ? undefined : { kind: 'header', name: canonicalHeaderName(name) };
  }
  const path = pathOf(node);
  return path && path.length > 1 ? { kind: 'path', path } : undefined;
}

/** `['body', 'a', 'b']` for `body.a.b` and `body['a'].b`. */
function pathOf(node: CelNode): readonly string[] | undefined {
  if (node.kind === 'ident') return [node.name];
  const [operand, key] =
    node.kind === 'select' && !node.test
      ? [node.operand, node.field]
      : node.kind === 'call' && node.name === '_[_]'
        ? [node.args[0], textOf(node.args[1])]
        : [];
  const path = operand && pathOf(operand);
  return path && key !== undefined ? [...path, key] : undefined;
}

function textOf(node: CelNode | undefined): string | undefined {
  return node?.kind === 'literal' && typeof node.value === 'string' ? node.value : undefined;
}
