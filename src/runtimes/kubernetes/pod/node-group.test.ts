import { expect, it } from 'vitest';
import { groupAffinity } from './node-group.ts';

const topologyKey = 'kubernetes.io/hostname';
const own = { labelSelector: { matchLabels: { 'tappet.dev/node-group': 'g' } }, topologyKey };
const others = {
  labelSelector: {
    matchExpressions: [
      { key: 'tappet.dev/node-group', operator: 'Exists' },
      { key: 'tappet.dev/node-group', operator: 'NotIn', values: ['g'] },
    ],
  },
  topologyKey,
};

it('goes where its group runs, and rather not where others do', () => {
  expect(groupAffinity(undefined, { name: 'g', isolated: false }, undefined)).toEqual({
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [own] },
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: others }] },
  });
});

it('is never on a node with others when it is isolated', () => {
  expect(groupAffinity(undefined, { name: 'g', isolated: true }, undefined)).toMatchObject({
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [others] },
  });
});

it('adds to what the pod template wants, and would like the node where the volume still is', () => {
  const template = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] },
  };
  const merged = groupAffinity(template, { name: 'g', isolated: false }, 'node-1');
  expect(merged['podAffinity']).toEqual({ requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }, own] });
  expect(merged['nodeAffinity']).toEqual({
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] } },
    ],
  });
});
