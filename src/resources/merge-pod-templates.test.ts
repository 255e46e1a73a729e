import { expect, it } from 'vitest';
import { mergePodTemplates } from './merge-pod-templates.ts';

it('lets the own fields win whole, but env and volumes by name, own entries first', () => {
  const base = {
    nodeSelector: { a: '1' },
    tolerations: [{ key: 'base' }],
    securityContext: { runAsUser: 1, fsGroup: 2 },
    dnsPolicy: 'Default',
    env: [
      { name: 'A', value: 'base' },
      { name: 'B', value: 'base' },
    ],
    volumes: [{ name: 'v', emptyDir: {} }, { name: 'w' }],
  };
  const own = {
    nodeSelector: { b: '2' },
    tolerations: [],
    securityContext: { runAsUser: 3 },
    env: [
      { name: 'C', value: 'own' },
      { name: 'A', value: 'own' },
    ],
    volumes: [{ name: 'v', hostPath: { path: '/x' } }],
  };
  expect(mergePodTemplates(own, base)).toEqual({
    nodeSelector: { b: '2' },
    tolerations: [],
    securityContext: { runAsUser: 3 },
    dnsPolicy: 'Default',
    env: [
      { name: 'C', value: 'own' },
      { name: 'A', value: 'own' },
      { name: 'B', value: 'base' },
    ],
    volumes: [{ name: 'v', hostPath: { path: '/x' } }, { name: 'w' }],
  });
});

it('cannot take back hostNetwork, nor a scheduler', () => {
  const base = { hostNetwork: true, schedulerName: 'base' };
  expect(mergePodTemplates({ hostNetwork: false, schedulerName: '' }, base)).toEqual(base);
  expect(mergePodTemplates({ hostNetwork: true }, { hostNetwork: false })).toEqual({ hostNetwork: true });
});

it('makes nothing of nothing', () => {
  expect([mergePodTemplates(undefined, undefined), mergePodTemplates(undefined, {}), mergePodTemplates({}, undefined)]).toEqual([
    undefined,
    undefined,
    {},
  ]);
  expect(mergePodTemplates(undefined, { hostNetwork: true })).toEqual({ hostNetwork: true });
});
