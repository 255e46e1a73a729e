import type { Matrix } from './schema.ts';

/**
 * How many runs a matrix fans out to: the product of its arrays' lengths, plus the includes that make combinations of their own.
 * At admission an array may still be a reference (`$(params.a[*])`): it counts as empty. Source: reference/pipelines.md 2.7.1.
 */
export function countCombinations(matrix: Matrix): number {
  const { params = [], include = [] } = matrix;
  if (params.length === 0) return include.length;
  const values = new Map(
    params.map((param) => [param.name, Array.isArray(param.value) ? new Set<string>(param.value) : new Set<string>()]),
  );
  const lengths = params.map((param) => (Array.isArray(param.value) ? param.value.length : 0)).filter((length) => length > 0);
  const product = lengths.reduce((total, length) => total * length, 1);
  return Math.min(product + include.reduce((total, entry) => total + addedBy(entry.params ?? [], values), 0), Number.MAX_SAFE_INTEGER);
}

/** Walks the include's params: a value its matrix param has not is one more combination, one that it has ends the walk. */
function addedBy(params: NonNullable<Matrix['params']>, values: ReadonlyMap<string, ReadonlySet<string>>): number {
  let added = 0;
  for (const { name, value } of params) {
    const known = values.get(name);
    if (known === undefined) continue;
    if (typeof value === 'string' && known.has(value)) return added;
    added += 1;
  }
  return added;
}
