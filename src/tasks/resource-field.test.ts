import { expect, it } from 'vitest';
import { resourceFieldValue } from './resource-field.ts';

const own = { limits: { cpu: '1100m', memory: '64Mi' }, requests: { memory: '10M' } };
const node = { cpu: 8, memory: 2 ** 34 };

it.each([
  ['limits.cpu', undefined, '2'],
  ['limits.cpu', '0', '2'],
  ['limits.cpu', '1m', '1100'],
  ['limits.cpu', '100m', '11'],
  ['limits.memory', undefined, '67108864'],
  ['limits.memory', '1Mi', '64'],
  ['limits.memory', '1M', '68'],
  ['requests.memory', '1Mi', '10'],
  ['requests.cpu', '1m', '1100'],
  ['requests.ephemeral-storage', undefined, '0'],
  ['limits.ephemeral-storage', undefined, undefined],
  ['limits.constructor', undefined, undefined],
  ['cpu', undefined, undefined],
])('%s by %s', (resource, divisor, value) => {
  expect(resourceFieldValue({ resource, divisor }, own, node)).toBe(value);
});

it("takes the machine's for a limit that is not set", () => {
  expect(resourceFieldValue({ resource: 'limits.cpu' }, undefined, node)).toBe('8');
  expect(resourceFieldValue({ resource: 'limits.memory', divisor: '1Gi' }, { limits: { cpu: '1' } }, node)).toBe('16');
});
