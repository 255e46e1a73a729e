import type { Logger } from '../ports/logger.ts';
import { withRule } from './missing-rule.ts';

export interface Trouble {
  /** Said when it is another one than the last. */
  met(error: unknown): void;
  /** It is over: the same would be news again. */
  over(): void;
}

/** What goes wrong in a loop, said once for as long as it stays the same; of a right that is missing with the rule to add. */
export function troubleOf(logger: Logger, what: string): Trouble {
  let told: string | undefined;
  return {
    met(error) {
      const problem = withRule(error);
      if (problem !== told) logger.warn(what, { error: problem });
      told = problem;
    },
    over() {
      told = undefined;
    },
  };
}
