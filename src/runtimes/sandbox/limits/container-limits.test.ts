import { expect, it } from 'vitest';
import { containerLimits } from './container-limits.ts';

it.each([
  [{ limits: { memory: '64Mi', cpu: '1500m' } }, { memoryBytes: 64 * 2 ** 20, cpuMillis: 1500 }],
  [{ limits: { cpu: '0.0001' } }, { cpuMillis: 1 }],
  [{ requests: { memory: '64Mi' } }, undefined],
  [{ limits: { 'ephemeral-storage': '1Gi' } }, undefined],
  [{ limits: { memory: '0', cpu: '0' } }, undefined],
  [undefined, undefined],
])('the limits of %j', (resources, limits) => {
  expect(containerLimits(resources)).toEqual(limits);
});
