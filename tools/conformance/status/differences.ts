import { isDeepStrictEqual } from 'node:util';

export interface Difference {
  readonly path: string;
  /** `undefined`: absent. */
  readonly got: unknown;
  readonly expected: unknown;
}

/** Members of a list that have one of these are matched by it, so that one too many is one difference and not as many as follow it. */
const KEYS = ['name', 'type'] as const;

/** Where two JSON values differ, each place once, as deep as it can be told. */
export function differences(got: unknown, expected: unknown, path = ''): readonly Difference[] {
  if (isDeepStrictEqual(got, expected)) return [];
  if (Array.isArray(got) && Array.isArray(expected)) return inLists(got, expected, path);
  if (isRecord(got) && isRecord(expected)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
    return keys.flatMap((key) => differences(own(got, key), own(expected, key), path === '' ? key : `${path}.${key}`));
  }
  return [{ path, got, expected }];
}

function inLists(got: readonly unknown[], expected: readonly unknown[], path: string): readonly Difference[] {
  const key = KEYS.find((candidate) => isKeyed(got, candidate) && isKeyed(expected, candidate));
  if (key === undefined) {
    const length = Math.max(got.length, expected.length);
    return Array.from({ length }, (_, index) => differences(got[index], expected[index], `${path}[${index}]`)).flat();
  }
  const names = (list: readonly unknown[]): string[] => list.map((member) => String(isRecord(member) && member[key]));
  const [gotNames, expectedNames] = [names(got), names(expected)];
  const inBoth = (name: string): boolean => gotNames.includes(name) && expectedNames.includes(name);
  const order = { path: `${path}: order`, got: gotNames.filter(inBoth), expected: expectedNames.filter(inBoth) };
  return [
    ...[...new Set([...expectedNames, ...gotNames])].flatMap((name) =>
      differences(got[gotNames.indexOf(name)], expected[expectedNames.indexOf(name)], `${path}[${name}]`),
    ),
    ...(isDeepStrictEqual(order.got, order.expected) ? [] : [order]),
  ];
}

function isKeyed(list: readonly unknown[], key: string): boolean {
  const values = list.map((member) => (isRecord(member) && Object.hasOwn(member, key) ? member[key] : undefined));
  return values.every((value) => typeof value === 'string') && new Set(values).size === values.length;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
