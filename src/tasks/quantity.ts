const suffixes = new Map<string, number>([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

/** The number behind a Kubernetes quantity (`500m`, `1Gi`, `1e3`); `undefined` when it is not one. */
export function quantity(text: string): number | undefined {
  const [, amount, exponent, suffix = ''] = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]+)|([a-zA-Z]*))$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  if (exponent !== undefined) return Number(amount + exponent);
  const factor = suffixes.get(suffix);
  return factor === undefined ? undefined : Number(amount) * factor;
}

/** Negative when `a` is less than `b`; 0 also when one of them is no quantity, which admission has refused before. */
export function compareQuantities(a: string, b: string): number {
  const [left, right] = [quantity(a), quantity(b)];
  return left === undefined || right === undefined ? 0 : left - right;
}
