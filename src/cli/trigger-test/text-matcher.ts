import { RE2JS } from 're2js';
import { CliError, exitCodes } from '../cli-error.ts';

/** Whether a text has what a test expects of it: a part of it, or between slashes a regular expression (`/…/i` in any case). */
export function hasText(text: string, expected: string): boolean {
  const [, pattern, flags] = /^\/(.*)\/(i?)$/s.exec(expected) ?? [];
  if (pattern === undefined) return text.includes(expected);
  try {
    return RE2JS.compile(pattern, flags === 'i' ? RE2JS.CASE_INSENSITIVE : 0)
      .matcher(text)
      .find();
  } catch (error) {
    throw new CliError(
      exitCodes.usage,
      `${expected} is not a regular expression: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
