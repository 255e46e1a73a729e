import type { CelNode } from '../../../expressions/cel/ast.ts';
import type { Excerpt, Finding, FindingCode, Severity } from '../finding.ts';

/** An expression and where it stands. */
export interface CelSite {
  readonly source: string;
  readonly path: string;
}

export type Span = Pick<CelNode, 'start' | 'end'>;

/** A finding about a part of an expression. */
export function celFinding(
  { source, path }: CelSite,
  span: Span,
  what: { readonly severity: Severity; readonly code: FindingCode; readonly message: string; readonly suggestion?: string | undefined },
): Finding {
  return { ...what, path, excerpt: excerptOf(source, span) };
}

export function excerptOf(source: string, { start, end }: Span): Excerpt {
  return { source, offset: start, length: Math.max(0, end - start) };
}

/** The text of a part, as written; parentheses around it are not in it. */
export function textOf({ source }: Pick<CelSite, 'source'>, { start, end }: Span): string {
  return source.slice(start, end);
}

/** What is written between the quotes of a literal, or a part of the expression, as a CEL text literal. */
export function quoted(text: string): string {
  return text.includes("'") || text.includes('\\') ? JSON.stringify(text) : `'${text}'`;
}
