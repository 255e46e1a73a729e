import type { CelProgram } from '../../../expressions/cel/program.ts';
import type { ExpressionCache } from '../../expression-cache.ts';
import type { Finding } from '../finding.ts';
import type { CelSite } from './cel-site.ts';
import { explainIssues } from './explain-issue.ts';
import { findHeaderMistakes } from './header-mistakes.ts';
import { findIntegerArithmetic } from './integer-arithmetic.ts';
import { findIgnoredNamespaces } from './secret-comparison.ts';

export interface LintedCel {
  readonly findings: readonly Finding[];
  /** Absent when it does not compile. */
  readonly program?: CelProgram | undefined;
}

/** What is wrong with an expression whatever it is for and whoever sends the event. */
export function lintCel(site: CelSite, expressions: ExpressionCache): LintedCel {
  const compiled = expressions.cel(site.source);
  if (!compiled.ok) return { findings: explainIssues(site, compiled.error) };
  const { program } = compiled;
  return {
    program,
    findings: [
      ...findHeaderMistakes(site, program.ast),
      ...findIntegerArithmetic(site, program.ast),
      ...findIgnoredNamespaces(site, program.ast),
    ],
  };
}
