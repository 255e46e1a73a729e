import { expect, it } from 'vitest';
import { expandVariables } from './expand-variables.ts';

// From kubernetes/third_party/forked/golang/expansion/expand_test.go.
const variables = new Map([
  ['VAR_A', 'A'],
  ['VAR_B', 'B'],
  ['VAR_REF', '$(VAR_A)'],
  ['VAR_EMPTY', ''],
]);

it.each([
  ['$(VAR_A)', 'A'],
  ['___$(VAR_B)___', '___B___'],
  ['$(VAR_A)-$(VAR_A)', 'A-A'],
  ['$(VAR_REF)', '$(VAR_A)'],
  ['foo$(VAR_EMPTY)bar', 'foobar'],
  ['$$(VAR_B)_$(VAR_A)', '$(VAR_B)_A'],
  ['$$$(VAR_B)', '$B'],
  ['$$$$(VAR_A)', '$$(VAR_A)'],
  ['f000-$$VAR_A', 'f000-$VAR_A'],
  ['$(VAR_DNE)', '$(VAR_DNE)'],
  ['$(VAR_A', '$(VAR_A'],
  ['foo$$bar$', 'foo$bar$'],
  ['$VAR_A', '$VAR_A'],
  ['$', '$'],
  ['$()', '$()'],
  ['$(VAR_A)$(', 'A$('],
  ['\\$(VAR_A)', '\\A'],
])('%s becomes %s', (text, expanded) => {
  expect(expandVariables(text, variables)).toBe(expanded);
});
