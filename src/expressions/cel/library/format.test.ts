import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../limits.ts';
import { type CelValue, Duration, Timestamp, Uint } from '../values.ts';
import { format } from './format.ts';

function formatted(template: string, ...args: readonly CelValue[]): unknown {
  const result = format(template, args, { limits: defaultLimits, steps: 0, slots: [], host: undefined, record: undefined });
  return typeof result === 'string' ? result : (result as { message: string }).message;
}

describe('format', () => {
  it.each<[string, CelValue, string]>([
    ['%s', 1e300, `1${'0'.repeat(300)}`],
    ['%s', -1e-7, '-0.0000001'],
    ['%d', 1234567890123456800000, '1234567890123456800000'],
    ['%s', -0, '-0'],
    ['%s', new Duration(1_500_000_000n), '1.5s'],
    ['%s', new Timestamp(500_000_000n), '1970-01-01T00:00:00.5Z'],
    ['%s', [1n, new Uint(2n), null, [true]], '[1, 2, null, [true]]'],
    ['%s', { b: 1, a: 'x' }, '{a: x, b: 1}'],
    ['%.0f', 0.5, '0'],
    ['%.0f', 1.5, '2'],
    ['%.0f', 2.5, '2'],
    ['%.0f', -2.5, '-2'],
    ['%.0f', 9.5, '10'],
    ['%.2f', 0.125, '0.12'],
    ['%.2f', 0.375, '0.38'],
    ['%.2f', 1.005, '1.00'],
    ['%.1f', -0, '-0.0'],
    ['%.2f', 1e22, '10000000000000000000000.00'],
    ['%.100f', 0.1, `0.1000000000000000055511151231257827021181583404541015625${'0'.repeat(45)}`],
    ['%f', 3n, '3.000000'],
    ['%.0e', 2.5, '2e+00'],
    ['%.0e', 3.5, '4e+00'],
    ['%.1e', 12.5, '1.2e+01'],
    ['%.0e', 9.5, '1e+01'],
    ['%.2e', 1.5e-10, '1.50e-10'],
    ['%e', Number.NaN, 'NaN'],
    ['%f', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['%b', -5n, '-101'],
    ['%o', 8n, '10'],
    ['%X', 'é', 'C3A9'],
    ['%x', -255n, '-ff'],
    ['100%%%s', 'x', '100%x'],
  ])('%s, case %#', (template, value, expected) => {
    expect(formatted(template, value)).toBe(expected);
  });

  it.each<[string, CelValue[], string]>([
    ['%s %s', ['a'], 'index 1 out of range'],
    ['%', [], 'index 0 out of range'],
    ['%', [1n], 'unexpected end of string'],
    ['%.2', [1n], 'could not parse formatting clause: error while parsing precision: could not find end of precision specifier'],
    [
      '%.f',
      [1n],
      'could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
    ],
    [
      '%.101f',
      [1],
      'could not parse formatting clause: error while parsing precision: precision 101 exceeds maximum allowed precision 100',
    ],
    ['%q', [1n], 'could not parse formatting clause: unrecognized formatting clause "q"'],
    ['%😀', [1n], 'could not parse formatting clause: unrecognized formatting clause "😀"'],
    ['%d', ['a'], 'error during formatting: decimal clause can only be used on ints, uints, and doubles, was given string'],
  ])('%s is refused, case %#', (template, args, message) => {
    expect(formatted(template, ...args)).toBe(message);
  });
});
