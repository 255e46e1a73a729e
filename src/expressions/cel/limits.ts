import { type Failure, limitExceeded } from './failure.ts';

/** Bounds for one compilation and one evaluation. What exceeds them ends in an error with code `LimitExceeded`. */
export interface CelLimits {
  /** Characters (UTF-16 units) of source. cel-go's default. */
  readonly maxSourceLength: number;
  /** Depth of the expression tree, counted while parsing, so that no later walk can overflow the stack. cel-go's default. */
  readonly maxDepth: number;
  /**
   * Work of one evaluation. A call costs 1, an iteration of a comprehension the number of nodes in its body, each element produced or
   * compared 1, every 64 characters read and every 16 produced 1; what takes longer says so where it is. A step is to take 150 ns at most,
   * so that the default ends after some tenths of a second.
   */
  readonly maxSteps: number;
  /** Elements of any list or map that an expression produces. `lists.range` allows a million upstream. */
  readonly maxElements: number;
  /** Length of any string (UTF-16 units) or bytes that an expression produces. */
  readonly maxStringLength: number;
  /** Depth to which foreign data is compared, converted or flattened. */
  readonly maxDataDepth: number;
}

export const defaultLimits: CelLimits = {
  maxSourceLength: 100_000,
  maxDepth: 250,
  maxSteps: 2_000_000,
  maxElements: 1_000_000,
  maxStringLength: 4_000_000,
  maxDataDepth: 500,
};

/** What an evaluation has used of its limits. Functions that work in proportion to their input account for it here. */
export interface Budget {
  readonly limits: CelLimits;
  steps: number;
}

/** Accounts for `steps` of work; a failure when the budget is used up. */
export function spend(budget: Budget, steps: number): Failure | undefined {
  budget.steps += steps;
  return budget.steps > budget.limits.maxSteps ? limitExceeded(`evaluation takes more than ${budget.limits.maxSteps} steps`) : undefined;
}

/** Accounts for reading `length` characters or bytes. */
export function spendRead(budget: Budget, length: number): Failure | undefined {
  return spend(budget, length >>> 6);
}

/** A failure when a string or bytes of `length` would be too long. */
export function lengthWithin({ limits }: Budget, length: number): Failure | undefined {
  if (length <= limits.maxStringLength) return undefined;
  return limitExceeded(`result of ${length} characters is longer than ${limits.maxStringLength}`);
}

/** Accounts for a string or bytes of `length` that is about to be made. */
export function spendString(budget: Budget, length: number): Failure | undefined {
  const long = lengthWithin(budget, length);
  if (long) return long;
  return spend(budget, 1 + (length >>> 4));
}

/** Accounts for a list or map of `size` elements that is about to be made. */
export function spendElements(budget: Budget, size: number): Failure | undefined {
  if (size > budget.limits.maxElements) {
    return limitExceeded(`result of ${size} elements is larger than ${budget.limits.maxElements}`);
  }
  return spend(budget, 1 + size);
}
