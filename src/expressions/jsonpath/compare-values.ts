import { compareUtf8 } from '../compare-utf8.ts';

export type Comparison = { readonly ok: true; readonly pass: boolean } | { readonly ok: false; readonly error: string };

/**
 * `left operator right` between scalars, as Go's template comparison does it: both of one kind, integers and floats being two kinds
 * (`@.n==1` never compares with JSON's float64, `@.n==1.0` does), booleans only equal or not, strings by bytes.
 */
export function compareValues(operator: string, left: unknown, right: unknown): Comparison {
  if (!['==', '!=', '<', '<=', '>', '>='].includes(operator)) return failed(`unrecognized filter operator ${operator}`);
  if (!isScalar(left) || !isScalar(right)) return failed('invalid type for comparison');
  if (typeof left !== typeof right) return failed('incompatible types for comparison');
  if (operator === '==' || operator === '!=') return { ok: true, pass: (left === right) === (operator === '==') };
  if (typeof left === 'boolean') return failed('invalid type for comparison');
  const order = orderOf(left, right);
  switch (operator) {
    case '<':
      return { ok: true, pass: order < 0 };
    case '<=':
      return { ok: true, pass: order <= 0 };
    case '>':
      return { ok: true, pass: order > 0 };
    default:
      return { ok: true, pass: order >= 0 };
  }
}

type Scalar = string | number | bigint | boolean;

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

function orderOf(left: Scalar, right: Scalar): number {
  if (typeof left === 'string' && typeof right === 'string') return compareUtf8(left, right);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function failed(error: string): Comparison {
  return { ok: false, error };
}
