import { type CelError, renderIssues } from '../error.ts';

/** The message Tekton's CEL interceptor gives for an expression, after `error evaluating cel expression: `. */
export function describeError(source: string, error: CelError): string {
  switch (error.stage) {
    case 'parse':
      return `failed to parse expression "${source}": ${renderIssues(source, error.issues)}`;
    case 'check':
      return `expression "${source}" check failed: ${renderIssues(source, error.issues)}`;
    case 'program':
      return `expression "${source}" failed to create a Program: ${error.message}`;
    case 'evaluate':
      return `expression "${source}" failed to evaluate: ${error.message}`;
  }
}
