import { codePointCount } from './code-points.ts';
import type { CelErrorCode, SecretReference } from './failure.ts';

/** Where in the work an expression failed. Upstream words its messages by it, see `tekton/describe-error.ts`. */
export type CelStage = 'parse' | 'check' | 'program' | 'evaluate';

export interface CelIssue {
  readonly code: CelErrorCode;
  /** Upstream's text without position, e.g. `undeclared reference to 'x' (in container '')`. */
  readonly message: string;
  /** Offset into the source in UTF-16 units. */
  readonly offset: number;
  /** Counted from 1. */
  readonly line: number;
  /** In code points, counted from 1. */
  readonly column: number;
}

/** The first issue, with all of them in `issues`. */
export interface CelError extends CelIssue {
  readonly stage: CelStage;
  readonly issues: readonly CelIssue[];
  /** How many more issues there are. */
  readonly omitted?: number;
  /** Set with code `NeedSecret`: read this key and evaluate again. */
  readonly secret?: SecretReference | undefined;
}

/** An issue before its line and column are known. */
export interface RawIssue {
  readonly code: CelErrorCode;
  readonly message: string;
  readonly offset: number;
}

/** Most issues that are kept, as in cel-go. */
const MOST_ISSUES = 100;

export function celError(stage: CelStage, source: string, issues: readonly [RawIssue, ...RawIssue[]], secret?: SecretReference): CelError {
  // The first that were found, then in the order of the source.
  const [first = issues[0], ...rest] = issues.slice(0, MOST_ISSUES).sort((a, b) => a.offset - b.offset);
  const located = locate(source, first);
  return {
    ...located,
    stage,
    issues: [located, ...rest.map((issue) => locate(source, issue))],
    ...(issues.length > MOST_ISSUES && { omitted: issues.length - MOST_ISSUES }),
    ...(secret && { secret }),
  };
}

function locate(source: string, { code, message, offset }: RawIssue): CelIssue {
  const lineStart = offset === 0 ? 0 : source.lastIndexOf('\n', offset - 1) + 1;
  let line = 1;
  for (let newline = source.indexOf('\n'); newline >= 0 && newline < lineStart; newline = source.indexOf('\n', newline + 1)) line += 1;
  // cel-go reports the end of an empty source as column 0.
  const column = source === '' ? 0 : codePointCount(source.slice(lineStart, offset)) + 1;
  return { code, message, offset, line, column };
}

/** cel-go's rendering of issues: `ERROR: <input>:1:5: …` with the line and a caret. Used for parse and check errors. */
export function renderIssues(source: string, { issues, omitted }: Pick<CelError, 'issues' | 'omitted'>): string {
  const lines = source.split('\n');
  const rendered = issues.map((issue) => renderIssue(lines[issue.line - 1], issue));
  if (omitted !== undefined) rendered.push(`${omitted} more errors were truncated`);
  return rendered.join('\n');
}

/** Longest line that is shown, as in cel-go. */
const LONGEST_LINE = 16_384;

function renderIssue(line: string | undefined, issue: CelIssue): string {
  const head = `ERROR: <input>:${issue.line}:${issue.column}: ${issue.message}`;
  if (line === undefined || issue.column === 0 || line.length > LONGEST_LINE) return head;
  const points = Array.from(line.replaceAll('\t', ' '));
  const isWide = (point: string | undefined) => point !== undefined && point > '\u007f';
  const dots = points.slice(0, issue.column - 1).map((point) => (isWide(point) ? '．' : '.'));
  return `${head}\n | ${points.join('')}\n | ${dots.join('')}${isWide(points[issue.column - 1]) ? '＾' : '^'}`;
}
