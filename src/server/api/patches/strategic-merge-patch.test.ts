import { describe, expect, it } from 'vitest';
import { applyStrategicMergePatch, StrategicPatchError } from './strategic-merge-patch.ts';

const pod = {
  metadata: { labels: { a: '1', b: '2' }, finalizers: ['x'] },
  spec: {
    containers: [
      {
        name: 'one',
        image: 'i',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        args: ['x', 'y'],
      },
      { name: 'two', image: 'j' },
    ],
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'k' }],
  },
};

describe('strategic merge patch', () => {
  it.each<[string, object, unknown]>([
    [
      'merges maps, null removes',
      { metadata: { labels: { a: null, c: '3' } } },
      { ...pod, metadata: { labels: { b: '2', c: '3' }, finalizers: ['x'] } },
    ],
    [
      'merges containers and their variables by name, replaces other lists',
      {
        spec: {
          containers: [
            {
              name: 'one',
              env: [
                { name: 'B', value: '3' },
                { name: 'C', value: '4' },
              ],
              args: ['z'],
            },
          ],
        },
      },
      {
        ...pod,
        spec: {
          ...pod.spec,
          containers: [
            {
              name: 'one',
              image: 'i',
              env: [
                { name: 'A', value: '1' },
                { name: 'B', value: '3' },
                { name: 'C', value: '4' },
              ],
              args: ['z'],
            },
            { name: 'two', image: 'j' },
          ],
        },
      },
    ],
    [
      'deletes an element, keeps the order that is wanted',
      {
        spec: {
          '$setElementOrder/containers': [{ name: 'three' }, { name: 'one' }],
          containers: [
            { name: 'three', image: 'k' },
            { name: 'two', $patch: 'delete' },
          ],
        },
      },
      { ...pod, spec: { ...pod.spec, containers: [{ name: 'three', image: 'k' }, pod.spec.containers[0]] } },
    ],
    [
      'orders without other changes',
      { spec: { '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }] } },
      { ...pod, spec: { ...pod.spec, containers: pod.spec.containers.toReversed() } },
    ],
    [
      'replaces a map',
      { spec: { nodeSelector: { $patch: 'replace', zone: 'a' } } },
      { ...pod, spec: { ...pod.spec, nodeSelector: { zone: 'a' } } },
    ],
    [
      'replaces a list',
      { spec: { containers: [{ $patch: 'replace' }, { name: 'new' }] } },
      { ...pod, spec: { ...pod.spec, containers: [{ name: 'new' }] } },
    ],
    ['retains keys', { spec: { $retainKeys: ['containers'] } }, { ...pod, spec: { containers: pod.spec.containers } }],
    [
      'treats finalizers as a set',
      { metadata: { finalizers: ['y', 'x'] } },
      { ...pod, metadata: { ...pod.metadata, finalizers: ['x', 'y'] } },
    ],
    [
      'takes from a set',
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } },
      { ...pod, metadata: { ...pod.metadata, finalizers: [] } },
    ],
    ['replaces lists without a key', { spec: { tolerations: [] } }, { ...pod, spec: { ...pod.spec, tolerations: [] } }],
  ])('%s', (_, patch, expected) => {
    const before = structuredClone(pod);
    expect(applyStrategicMergePatch(pod, patch as Record<string, unknown>)).toEqual(expected);
    expect(pod).toEqual(before);
  });

  it('tells ports of services from those of containers', () => {
    const ports = { ports: [{ port: 80, name: 'a' }, { port: 90 }] };
    expect(applyStrategicMergePatch(ports, { ports: [{ port: 80, targetPort: 1 }] })).toEqual({
      ports: [{ port: 80, name: 'a', targetPort: 1 }, { port: 90 }],
    });
  });

  it.each<[object, string]>([
    [{ spec: { containers: [{ image: 'i' }] } }, 'spec.containers: map {"image":"i"} does not contain declared merge key: name'],
    [{ spec: { containers: ['x'] } }, 'spec.containers: got "x", expected an object'],
    [{ spec: { $patch: 'swap' } }, 'spec: unrecognized $patch "swap", expected replace, merge or delete'],
  ])('%j is told', (patch, message) => {
    expect(() => applyStrategicMergePatch(pod, patch as Record<string, unknown>)).toThrow(new StrategicPatchError(message));
  });
});
