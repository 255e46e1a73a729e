import { expect, it } from 'vitest';
import { defaultResources, shareOf } from './compute-resources.ts';

it.each([
  [
    { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '4' } },
    4,
    { requests: { cpu: '500m', memory: '268435456' }, limits: { cpu: '4' } },
  ],
  [{ requests: { cpu: '1' } }, 3, { requests: { cpu: '333m' } }],
  [{ requests: { cpu: '300m' } }, 3, { requests: { cpu: '100m' } }],
  [{ requests: { cpu: '4' } }, 2, { requests: { cpu: '2' } }],
  [{ limits: { memory: '10' } }, 3, { limits: { memory: '10' }, requests: { memory: '3' } }],
  [{}, 2, {}],
])('%j over %d steps is %j each', (resources, steps, share) => {
  expect(shareOf(resources, steps)).toEqual(share);
});

it.each([
  ['its own name', 'step-build', 'own'],
  ['the longest prefix', 'sidecar-scripts-db', 'longer'],
  ['a prefix', 'sidecar-db', 'shorter'],
  ['what is there for all', 'step-test', 'all'],
])('what a container that says nothing gets: by %s', (_, container, from) => {
  const by = (cpu: string) => ({ limits: { cpu } });
  const defaults = {
    default: by('all'),
    'step-build': by('own'),
    'prefix-step-t': by('no'),
    'prefix-sidecar': by('shorter'),
    'prefix-sidecar-scripts': by('longer'),
  };
  expect(defaultResources(container, { limits: {} }, defaults)).toEqual(by(from));
  expect(defaultResources(container, by('said'), defaults)).toEqual(by('said'));
  expect(defaultResources(container, undefined, {})).toBeUndefined();
});
