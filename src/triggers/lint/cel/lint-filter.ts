import { type CelNode, walk } from '../../../expressions/cel/ast.ts';
import type { CelProgram } from '../../../expressions/cel/program.ts';
import { tektonTriggersEnvironment } from '../../../expressions/cel/tekton/environment.ts';
import type { Finding } from '../finding.ts';
import { type CelSite, celFinding, textOf } from './cel-site.ts';

/** Enough to see that an expression does not depend on the event; one that takes more is not looked into. */
const mostSteps = 10_000;

/** Filters that say the same whatever comes, or can never say `true`. */
export function lintFilter(site: CelSite, program: CelProgram): readonly Finding[] {
  const { ast, resultType } = program;
  if (resultType !== 'bool' && resultType !== 'dyn') {
    const message = `a filter passes on true only, and this is of type ${resultType}: no event gets past it`;
    return [celFinding(site, ast, { severity: 'error', code: 'filter-not-boolean', message })];
  }
  // Errors are absorbed by && and ||, so that what comes out with no variable bound comes out with any.
  const result = program.evaluate({}, { limits: { maxSteps: mostSteps } });
  if (!result.ok) {
    const { code, message } = result.error;
    if (asksOutside(ast) || code === 'LimitExceeded' || code === 'NeedSecret') return findAlwaysTrue(site, ast);
    return [celFinding(site, ast, { severity: 'error', code: 'filter-constant', message: `this fails for every event: ${message}` })];
  }
  const verdict = result.value === true ? 'lets every event pass' : 'lets no event pass';
  return [
    celFinding(site, ast, { severity: 'warning', code: 'filter-constant', message: `this ${verdict}: it does not depend on the event` }),
  ];
}

/** Whether it looks at the event, or at a secret. */
function asksOutside(ast: CelNode): boolean {
  let asks = false;
  walk(ast, (node) => {
    asks ||= node.kind === 'ident' && tektonTriggersEnvironment.variables.has(node.name);
    asks ||= node.kind === 'call' && node.name === 'compareSecret';
  });
  return asks;
}

/** `x != 'a' || x != 'b'`: one of both always holds. */
function findAlwaysTrue(site: CelSite, ast: CelNode): readonly Finding[] {
  const findings: Finding[] = [];
  walk(ast, (node) => {
    if (node.kind !== 'call' || node.name !== '_||_') return;
    const refused = new Map<string, unknown>();
    for (const operand of node.args) {
      const [left, right] = operand.kind === 'call' && operand.name === '_!=_' ? operand.args : [];
      if (left === undefined || right?.kind !== 'literal') continue;
      const text = textOf(site, left);
      if (refused.has(text) && refused.get(text) !== right.value) {
        const message = `${text} always differs from one of the two: this is true for every event`;
        findings.push(celFinding(site, node, { severity: 'warning', code: 'filter-constant', message, suggestion: '&& instead of ||' }));
        return;
      }
      refused.set(text, right.value);
    }
  });
  return findings;
}
