import { includes } from '../equality.ts';
import type { Failure } from '../failure.ts';
import { fn, type Overload } from '../functions.ts';
import type { Budget } from '../limits.ts';
import type { CelList } from '../values.ts';

/** cel-go's sets extension: lists regarded as sets. */

function containsAll(list: CelList, wanted: CelList, budget: Budget): boolean | Failure {
  for (const element of wanted) {
    const found = includes(list, element, budget);
    if (found !== true) return found;
  }
  return true;
}

function intersects(a: CelList, b: CelList, budget: Budget): boolean | Failure {
  for (const element of a) {
    const found = includes(b, element, budget);
    if (found !== false) return found;
  }
  return false;
}

export const sets: readonly Overload[] = [
  fn('sets.contains', ['list(A)', 'list(A)'], 'bool', containsAll),
  fn('sets.equivalent', ['list(A)', 'list(A)'], 'bool', (a, b, frame) => {
    const forth = containsAll(a, b, frame);
    return forth === true ? containsAll(b, a, frame) : forth;
  }),
  fn('sets.intersects', ['list(A)', 'list(A)'], 'bool', intersects),
];
