/** Deeper than any resource anybody writes, and far from what a stack bears. */
export const maxDepth = 100;

/** Whether `value` nests deeper than `levels`. Looks no further than that, so it is safe on foreign data. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels <= 0) return true;
  if (Array.isArray(value)) {
    for (const element of value) if (isDeeperThan(element, levels - 1)) return true;
    return false;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) if (isDeeperThan(record[key], levels - 1)) return true;
  return false;
}
