import { describe, expect, it } from 'vitest';
import { childName } from './child-name.ts';

describe('childName', () => {
  // Worked out with Python's hashlib from the algorithm of knative.dev/pkg/kmeta.
  it.each([
    ['run', '-build', 'run-build'],
    ['a'.repeat(59), '-pod', `${'a'.repeat(59)}-pod`],
    ['a'.repeat(60), '-pod', 'aaaaaaaaaaaaaaaaaaaaaaaaaaacc7ed669cf88f201c3297c6a91e1d18d-pod'],
    [
      'a-rather-long-pipeline-run-name-that-does-not-fit-x7k2p',
      '-unit-tests-0',
      'a-rather-long-pipec8296169dac57ab002b88076ff8aa467-unit-tests-0',
    ],
    ['a'.repeat(40), `-${'s'.repeat(29)}`, 'a4697843037d962f62a5a429e611e0f5f-sssssssssssssssssssssssssssss'],
    ['a'.repeat(40), `-${'s'.repeat(30)}`, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa07588b9e080f88c49a4f85492bba48fc'],
    ['run', `-${'s'.repeat(61)}`, 'run309e079c3b1ef35e6f461a742df778cf-sssssssssssssssssssssssssss'],
    ['abc', '-'.repeat(72), 'abc46403dc24f3a10fcf71f2022cad2f395'],
  ])('%s + %s = %s', (parent, suffix, expected) => {
    expect(childName(parent, suffix)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(63);
  });
});
