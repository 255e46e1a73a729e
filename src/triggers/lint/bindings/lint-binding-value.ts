import { canonicalHeader } from '../../../expressions/jsonpath/canonical-header.ts';
import { findExpressions } from '../../../expressions/jsonpath/find-expressions.ts';
import type { PathNode } from '../../../expressions/jsonpath/path-node.ts';
import { parseRelaxedPath } from '../../../expressions/jsonpath/relaxed-path.ts';
import type { Excerpt, Finding } from '../finding.ts';
import { findPathMistakes } from './path-mistakes.ts';

/** An expression of a binding's value whose syntax is right. */
export interface BoundPath {
  /** Without `$(` and `)`. */
  readonly inside: string;
  readonly nodes: readonly PathNode[];
  readonly excerpt: Excerpt;
}

export interface LintedBindingValue {
  readonly findings: readonly Finding[];
  readonly paths: readonly BoundPath[];
}

/** What is wrong with a binding's value wherever it is bound. */
export function lintBindingValue(source: string, path: string): LintedBindingValue {
  const findings: Finding[] = [];
  const paths: BoundPath[] = [];
  let offset = 0;
  for (const piece of findExpressions(source)) {
    const text = piece.type === 'literal' ? piece.text : piece.original;
    if (piece.type === 'literal') findings.push(...literalFindings(source, text, offset, path));
    else {
      const excerpt = { source, offset: offset + 2, length: piece.inside.length };
      const parsed = parsePath(piece.inside);
      if (parsed.ok) {
        paths.push({ inside: piece.inside, nodes: parsed.nodes, excerpt });
        findings.push(...findPathMistakes({ inside: piece.inside, nodes: parsed.nodes, excerpt }, path));
      } else {
        const { error, start, end } = parsed;
        const at = { source, offset: excerpt.offset + start, length: Math.max(1, end - start) };
        findings.push({ severity: 'error', code: 'path-syntax', path, message: `not a JSONPath: ${error}`, excerpt: at });
      }
    }
    offset += text.length;
  }
  return { findings, paths };
}

/** As `binding-value.ts` reads it: names of headers behind a dot are made canonical. */
function parsePath(inside: string): ReturnType<typeof parseRelaxedPath> {
  return parseRelaxedPath(inside.startsWith('header.') ? `header.${canonicalHeader(inside.slice(7))}` : inside);
}

function literalFindings(source: string, text: string, offset: number, path: string): readonly Finding[] {
  const open = text.indexOf('$(');
  if (open >= 0) {
    const nested = source.includes('$(', offset + open + 2);
    const message = nested
      ? 'this $( is taken as text: of nested expressions only the innermost is replaced'
      : 'this $( is never closed, and taken as text';
    return [{ severity: 'warning', code: 'binding-text', path, message, excerpt: { source, offset: offset + open, length: 2 } }];
  }
  if (!text.endsWith('$') || offset + text.length >= source.length) return [];
  const message = '$$( is no escape: this is a $ with the value behind it';
  return [{ severity: 'warning', code: 'binding-text', path, message, excerpt: { source, offset: offset + text.length - 1, length: 3 } }];
}
