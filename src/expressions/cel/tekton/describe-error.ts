import { type CelError, renderIssues } from '../error.ts';

/** Longest expression that is quoted whole. */
const LONGEST_SOURCE = 2_000;

/** The message Tekton's CEL interceptor gives for an expression, after `error evaluating cel expression: `. */
export function describeError(expression: string, error: CelError): string {
  const source = expression.length > LONGEST_SOURCE ? `${expression.slice(0, LONGEST_SOURCE)}…` : expression;
  switch (error.stage) {
    case 'parse':
      return `failed to parse expression "${source}": ${renderIssues(expression, error)}`;
    case 'check':
      return `expression "${source}" check failed: ${renderIssues(expression, error)}`;
    case 'program':
      return `expression "${source}" failed to create a Program: ${error.message}`;
    case 'evaluate':
      return `expression "${source}" failed to evaluate: ${error.message}`;
  }
}
