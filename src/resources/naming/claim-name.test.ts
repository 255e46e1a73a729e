import { expect, it } from 'vitest';
import { claimName } from './claim-name.ts';

// Worked out with Python's hashlib.
it.each([
  ['source', 'c0ffee00-0000-4000-8000-000000000001', undefined, 'pvc-39e4267ff0'],
  ['source', 'c0ffee00-0000-4000-8000-000000000001', '', 'pvc-39e4267ff0'],
  ['source', 'c0ffee00-0000-4000-8000-000000000001', 'cache', 'cache-39e4267ff0'],
])('claimName(%s, %s, %s) = %s', (workspace, owner, template, expected) => {
  expect(claimName(workspace, owner, template)).toBe(expected);
});
