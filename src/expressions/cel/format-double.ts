/** The shortest digits that read back the same, never with an exponent: Go's `strconv.FormatFloat(x, 'f', -1, 64)` of a finite double. */
export function plainDouble(value: number): string {
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/**
 * A double as Go prints it: the shortest digits that read back the same, with an exponent when it is below -4 or at least `limit`.
 * The limit is 6 for `strconv.FormatFloat(x, 'g', -1, 64)`, which `string(double)` uses, and 21 for `%v`.
 */
export function formatDouble(value: number, limit: 6 | 21): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < limit) {
    const digits = mantissa.replace(/[-.]/g, '').length;
    return value.toFixed(Math.max(0, digits - 1 - exponent));
  }
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
