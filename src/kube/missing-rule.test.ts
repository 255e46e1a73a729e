import { expect, it } from 'vitest';
import { KubeError } from './kube-client.ts';
import { withRule } from './missing-rule.ts';

const cannot = 'User "system:serviceaccount:tappet:tappet" cannot get resource "pods/log" in API group "" in the namespace "ci"';

it.each([
  [
    new KubeError(403, 'Forbidden', cannot),
    `${cannot}; add this rule to its Role or ClusterRole: {apiGroups: [""], resources: ["pods/log"], verbs: ["get"]}`,
  ],
  [new KubeError(403, 'Forbidden', 'exceeded quota: small'), 'exceeded quota: small'],
  [new KubeError(0, 'Unreachable', 'cannot reach the API server'), 'cannot reach the API server'],
  [new Error('no answer'), 'no answer'],
  ['odd', 'odd'],
])('%s is told with the rule, where one is missing', (error, told) => {
  expect(withRule(error)).toBe(told);
});
