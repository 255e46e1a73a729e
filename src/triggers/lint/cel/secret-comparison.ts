import { type CelNode, walk } from '../../../expressions/cel/ast.ts';
import type { Finding } from '../finding.ts';
import { type CelSite, celFinding } from './cel-site.ts';

/** `x.compareSecret(key, name, namespace)`: the namespace is ignored, here as upstream (reference/triggers.md 3.2). */
export function findIgnoredNamespaces(site: CelSite, ast: CelNode): readonly Finding[] {
  const findings: Finding[] = [];
  walk(ast, (node) => {
    const namespace = node.kind === 'call' && node.name === 'compareSecret' ? node.args[2] : undefined;
    if (namespace === undefined) return;
    const message = "compareSecret always reads the secret in the trigger's namespace, whatever its third argument says";
    findings.push(celFinding(site, namespace, { severity: 'warning', code: 'secret-namespace', message }));
  });
  return findings;
}
