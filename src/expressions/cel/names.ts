import type { CelNode } from './ast.ts';

/** `a.b.c` for a chain of selections from an identifier; `undefined` for anything else. */
export function qualifiedName(node: CelNode): string | undefined {
  if (node.kind === 'ident') return node.name;
  if (node.kind !== 'select' || node.test) return undefined;
  const operand = qualifiedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
}

/** The absolute names `name` may mean in `container`, innermost first. A leading dot means the root. */
export function candidateNames(container: string, name: string): readonly string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  const candidates = [name];
  for (let prefix = container; prefix !== ''; ) {
    // Innermost first: longer prefixes go before shorter ones, the bare name stays last.
    candidates.splice(-1, 0, `${prefix}.${name}`);
    prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')));
  }
  return candidates;
}
