import { RE2JS, RE2JSSyntaxException } from 're2js';
import { type Failure, invalidArgument, limitExceeded } from './failure.ts';
import type { Frame } from './frame.ts';
import { spend } from './limits.ts';
import { patternSize } from './pattern-size.ts';

/** Longest pattern compiled, in characters. */
const LONGEST = 10_000;
/** Most instructions of a compiled pattern: `a{1000}` has a thousand. It bounds the time to compile, and the memory. */
const LARGEST = 5_000;
/** Instructions of all patterns that are kept compiled, some 200 bytes each. */
const MOST_KEPT = 100_000;

/** Compiled patterns, the oldest first. Patterns come from users, so that not all can be kept. */
const kept = new Map<string, RE2JS>();
let sizeOfKept = 0;

/** An RE2 pattern: linear time, no look-around, no back-references. */
export function patternOrFailure(pattern: string): RE2JS | Failure {
  const known = kept.get(pattern);
  if (known) return known;
  if (pattern.length > LONGEST) return limitExceeded(`regular expression of ${pattern.length} characters is longer than ${LONGEST}`);
  const size = patternSize(pattern);
  if (size > LARGEST) return limitExceeded(`regular expression of about ${size} instructions is larger than ${LARGEST}`);
  try {
    return keep(pattern, RE2JS.compile(pattern));
  } catch (thrown) {
    // Its messages are Go's.
    return invalidArgument(thrown instanceof RE2JSSyntaxException ? thrown.message : `error parsing regexp: ${String(thrown)}`);
  }
}

function keep(pattern: string, compiled: RE2JS): RE2JS {
  kept.set(pattern, compiled);
  sizeOfKept += compiled.programSize();
  for (const [oldest, evicted] of kept) {
    if (sizeOfKept <= MOST_KEPT) break;
    kept.delete(oldest);
    sizeOfKept -= evicted.programSize();
  }
  return compiled;
}

/** Accounts for compiling a pattern that is known only now, whether it is still kept or not: what an evaluation costs must not depend on others. */
export function spendCompiling(frame: Frame, pattern: string): Failure | undefined {
  if (frame.lastPattern === pattern) return undefined;
  frame.lastPattern = pattern;
  return spend(frame, 500 + Math.min(LARGEST, patternSize(pattern)) * 10);
}

/** One pass over the text from there takes 5 ns at worst for each character and each instruction that is alive. */
export function matchingCost(text: string, compiled: RE2JS, from = 0): number {
  return 1 + Math.floor(((text.length - from) * compiled.programSize()) / 32);
}
