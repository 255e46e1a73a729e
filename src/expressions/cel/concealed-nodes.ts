import { type CelNode, childrenOf } from './ast.ts';

/** Whether what this path (variable first, then keys) leads to, or a part of it, must not be shown. */
export type Conceals = (path: readonly string[]) => boolean;

/**
 * Ids of the sub-expressions whose value may be, or be made of, something that must not be shown: `header['Authorization'][0]`, but also
 * `header.canonical('Authorization').split(' ')[1]` and the variable of a macro over it. Told by the text alone, so that it may say too much
 * where a key is worked out, never too little.
 */
export function concealedNodes(ast: CelNode, conceals: Conceals): ReadonlySet<number> {
  const found = new Set<number>();
  visit(ast, new Set());
  return found;

  /** `locals`: variables of macros around the node that stand for something concealed. */
  function visit(node: CelNode, locals: ReadonlySet<string>): boolean {
    const concealed = judge(node, locals);
    if (concealed) found.add(node.id);
    return concealed;
  }

  function judge(node: CelNode, locals: ReadonlySet<string>): boolean {
    const path = constantPath(node);
    if (path !== undefined) {
      // What is passed through on the way is looked at all the same: it has values of its own.
      for (const child of childrenOf(node)) visit(child, locals);
      return locals.has(path[0] ?? '') || conceals(path);
    }
    if (node.kind === 'comprehension') return comprehension(node, locals);
    const below = childrenOf(node).map((child) => visit(child, locals));
    const named = node.kind === 'call' ? namedMember(node) : undefined;
    if (named === undefined) return below.includes(true);
    return locals.has(named[0] ?? '') || conceals(named) || below.slice(1).includes(true);
  }

  function comprehension(node: CelNode & { readonly kind: 'comprehension' }, locals: ReadonlySet<string>): boolean {
    const range = visit(node.range, locals);
    const inner = new Set(locals);
    if (range) inner.add(node.variable);
    else inner.delete(node.variable);
    const parts = [node.predicate, node.transform].map((part) => part !== undefined && visit(part, inner));
    return range || parts.includes(true);
  }
}

/** `['header', 'X-Foo', '0']` for `header['X-Foo'][0]`. */
function constantPath(node: CelNode): readonly string[] | undefined {
  if (node.kind === 'ident') return [node.name.replace(/^\./, '')];
  if (node.kind === 'select' && !node.test) return extend(node.operand, node.field);
  if (node.kind !== 'call' || node.name !== '_[_]') return undefined;
  const [operand, key] = node.args;
  return operand && key?.kind === 'literal' ? extend(operand, String(key.value)) : undefined;
}

function extend(operand: CelNode, key: string): readonly string[] | undefined {
  const path = constantPath(operand);
  return path && [...path, key];
}

/** A function that looks up a member by a literal name, `header.canonical('authorization')`: what else there is does not matter then. */
function namedMember(node: CelNode & { readonly kind: 'call' }): readonly string[] | undefined {
  const [name] = node.args;
  const path = node.target === undefined ? undefined : constantPath(node.target);
  return path?.length === 1 && name?.kind === 'literal' && typeof name.value === 'string' ? [...path, name.value] : undefined;
}
