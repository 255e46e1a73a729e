import { RE2JS, RE2JSSyntaxException } from 're2js';
import { BoundedCache } from './bounded-cache.ts';
import { Failure, invalidArgument, limitExceeded } from './failure.ts';

/** Longest pattern compiled, in characters; it bounds the memory of the automaton. */
const LONGEST = 10_000;

const compiled = new BoundedCache<string, RE2JS | Failure>(500);

/** An RE2 pattern: linear time, no look-around, no back-references. Compiled patterns are kept. */
export function compilePattern(pattern: string): RE2JS | Failure {
  return compiled.get(pattern, () => {
    if (pattern.length > LONGEST) return limitExceeded(`regular expression of ${pattern.length} characters is longer than ${LONGEST}`);
    try {
      return RE2JS.compile(pattern);
    } catch (thrown) {
      // Its messages are Go's.
      return thrown instanceof RE2JSSyntaxException
        ? invalidArgument(thrown.message)
        : invalidArgument(`error parsing regexp: ${String(thrown)}`);
    }
  });
}

/** A new failure each time, as failures take the position where they arise. */
export function patternOrFailure(pattern: string): RE2JS | Failure {
  const result = compilePattern(pattern);
  return result instanceof Failure ? new Failure(result.code, result.message) : result;
}
