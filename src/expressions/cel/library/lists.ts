import { equals } from '../equality.ts';
import { Failure, invalidArgument, limitExceeded, noSuchFunctionOverload, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { type Call, fn, method, type Overload, universal } from '../functions.ts';
import { type Budget, spend, spendElements, spendRead } from '../limits.ts';
import { compare, spendSorting } from '../ordering.ts';
import type { Type } from '../types.ts';
import { type CelList, type CelValue, isList, kindOf } from '../values.ts';

/** cel-go's lists extension. `sortBy` is a macro, see `macros.ts`. */

const MOST_IN_RANGE = 1_000_000n;

function slice(list: CelList, start: bigint, end: bigint, frame: Frame): Result {
  if (start < 0n || end < 0n) return invalidArgument(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end) return invalidArgument(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > BigInt(list.length)) return invalidArgument(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return spendElements(frame, Number(end - start)) ?? list.slice(Number(start), Number(end));
}

function flatten(list: CelList, depth: bigint, frame: Frame): Result {
  if (depth < 0n) return invalidArgument('level must be non-negative');
  const flat: CelValue[] = [];
  return flattenInto(flat, list, Number(depth), 0, frame) ?? flat;
}

function flattenInto(flat: CelValue[], list: CelList, depth: number, level: number, frame: Frame): Failure | undefined {
  if (level > frame.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${frame.limits.maxDataDepth}`);
  for (const element of list) {
    if (isList(element) && depth > 0) {
      const failure = spend(frame, 1) ?? flattenInto(flat, element, depth - 1, level + 1, frame);
      if (failure) return failure;
    } else {
      flat.push(element);
      const spent = flat.length > frame.limits.maxElements ? spendElements(frame, flat.length) : spend(frame, 1);
      if (spent) return spent;
    }
  }
  return undefined;
}

/** Sorts `list` by `keys`, which belong to its elements; keys must be of one comparable type. */
export function sortByKeys(list: CelList, keys: CelList, budget: Budget): Result {
  const [first] = keys;
  if (first === undefined) return [];
  const kind = kindOf(first);
  if (compare(first, first) === undefined) return invalidArgument('list elements must be comparable');
  if (keys.some((key) => kindOf(key) !== kind)) return invalidArgument('list elements must have the same type');
  const spent = spendSorting(budget, keys);
  if (spent) return spent;
  const order = list.map((element, index) => ({ element, key: keys[index] ?? null }));
  return order.sort((a, b) => compare(a.key, b.key) || 0).map(({ element }) => element);
}

function distinct(list: CelList, frame: Frame): Result {
  const walked = spend(frame, list.length);
  if (walked) return walked;
  const kept: CelValue[] = [];
  const seen = new Set<CelValue>();
  for (const element of list) {
    // Strings and booleans equal only their like, so that a set will do; the rest is compared.
    if (typeof element === 'string' || typeof element === 'boolean') {
      const read = spendRead(frame, typeof element === 'string' ? element.length : 0);
      if (read) return read;
      if (!seen.has(element)) kept.push(element);
      seen.add(element);
      continue;
    }
    const known = includesAmong(kept, element, frame);
    if (known instanceof Failure) return known;
    if (!known) kept.push(element);
  }
  return spendElements(frame, kept.length) ?? kept;
}

function includesAmong(kept: readonly CelValue[], element: CelValue, frame: Frame): boolean | Failure {
  const spent = spend(frame, kept.length);
  if (spent) return spent;
  for (const other of kept) {
    const same = equals(other, element, frame);
    if (same !== false) return same;
  }
  return false;
}

function range(size: bigint, frame: Frame): Result {
  if (size > MOST_IN_RANGE) return invalidArgument(`lists.range: size ${size} exceeds maximum allowed (${MOST_IN_RANGE})`);
  const length = size < 0n ? 0 : Number(size);
  return spendElements(frame, length) ?? Array.from({ length }, (_, index) => BigInt(index));
}

/** Names of the types that `sort` and `sortBy` can put in order. */
export const comparableTypes: readonly Type['kind'][] = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

const sortCall: Call = (list, frame) => {
  return isList(list as CelValue)
    ? sortByKeys(list as CelList, list as CelList, frame as Frame)
    : noSuchFunctionOverload('sort', [list as CelValue]);
};

export const lists: readonly Overload[] = [
  method('slice', ['list(A)', 'int', 'int'], 'list(A)', slice),
  method('flatten', ['list(list(A))'], 'list(A)', (list, frame) => flatten(list, 1n, frame)),
  method('flatten', ['list(dyn)', 'int'], 'list(dyn)', flatten),
  ...universal(
    'sort',
    'method',
    comparableTypes.map((type) => `list(${type}) -> list(${type})`),
    sortCall,
  ),
  method('distinct', ['list(A)'], 'list(A)', distinct),
  method('reverse', ['list(A)'], 'list(A)', (list, frame) => spendElements(frame, list.length) ?? list.toReversed()),
  fn('lists.range', ['int'], 'list(int)', range),
];
