import { describe, expect, it } from 'vitest';
import { groupKindOf, type KubeObject } from './object.ts';
import { printerColumns } from './printer-columns.ts';
import { apiVersionOf, resourceTypes } from './registry.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const at = '2026-01-01T00:00:00Z';
const metadata = { name: 'x', creationTimestamp: at };

/** `NAME=cell`, those of `-o wide` behind a `+`. */
function cells(object: Omit<KubeObject, 'metadata'> & { readonly metadata?: object }): string[] {
  const whole = { ...object, metadata: { ...metadata, ...object.metadata } } as KubeObject;
  return printerColumns(groupKindOf(whole)).map(
    ({ name, priority = 0, value }) => `${priority > 0 ? '+' : ''}${name}=${value(whole, now) ?? '<none>'}`,
  );
}
const succeeded = { type: 'Succeeded', status: 'True', reason: 'Done', lastTransitionTime: at };

describe('printer columns', () => {
  it.each<[string, Omit<KubeObject, 'metadata'> & { readonly metadata?: object }, string]>([
    ['name and age where nothing else is said', { apiVersion: 'tekton.dev/v1', kind: 'Task' }, 'Name=x Age=60m'],
    [
      'runs: upstream’s',
      { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', status: { conditions: [succeeded], startTime: at } },
      'Name=x Succeeded=True Reason=Done StartTime=60m CompletionTime=<none>',
    ],
    [
      'ResolutionRequests: times as text',
      {
        apiVersion: 'resolution.tekton.dev/v1beta1',
        kind: 'ResolutionRequest',
        metadata: { ownerReferences: [{ kind: 'TaskRun', name: 'tr' }] },
        status: { conditions: [succeeded] },
      },
      `Name=x OwnerKind=TaskRun Owner=tr Succeeded=True Reason=Done StartTime=${at} EndTime=${at}`,
    ],
    [
      'listeners: two reasons',
      {
        apiVersion: 'triggers.tekton.dev/v1beta1',
        kind: 'EventListener',
        status: {
          address: { url: 'http://a' },
          conditions: [
            { type: 'Ready', status: 'False', reason: 'No' },
            { type: 'Available', status: 'True', reason: 'Yes' },
          ],
        },
      },
      'Name=x Address=http://a Available=True Reason=Yes Ready=False Reason=No',
    ],
    [
      'pods',
      {
        apiVersion: 'v1',
        kind: 'Pod',
        spec: { containers: [{}, {}] },
        status: { phase: 'Running', containerStatuses: [{ ready: true, restartCount: 2, state: { running: {} } }, { restartCount: 1 }] },
      },
      'Name=x Ready=1/2 Status=Running Restarts=3 Age=60m +IP=<none> +Node=<none>',
    ],
    [
      'config maps: both kinds of data',
      { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1', b: '2' }, binaryData: { c: '' } },
      'Name=x Data=3 Age=60m',
    ],
    ['secrets', { apiVersion: 'v1', kind: 'Secret', data: { a: '1' } }, 'Name=x Type=Opaque Data=1 Age=60m'],
    ['service accounts', { apiVersion: 'v1', kind: 'ServiceAccount', secrets: [{ name: 's' }] }, 'Name=x Secrets=1 Age=60m'],
    [
      'namespaces that go',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { deletionTimestamp: at } },
      'Name=x Status=Terminating Age=60m',
    ],
    [
      'claims',
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        spec: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] },
        status: { phase: 'Bound', capacity: { storage: '1Gi' } },
      },
      'Name=x Status=Bound Volume=<none> Capacity=1Gi Access Modes=RWO,ROX StorageClass=<none> Age=60m +VolumeMode=<none>',
    ],
    [
      'events',
      {
        apiVersion: 'v1',
        kind: 'Event',
        type: 'Normal',
        reason: 'Started',
        message: 'm',
        count: 2,
        involvedObject: { kind: 'TaskRun', name: 'tr' },
        source: { component: 'engine' },
        firstTimestamp: at,
        lastTimestamp: at,
      },
      'Last Seen=60m Type=Normal Reason=Started Object=taskrun/tr +Subobject=<none> +Source=engine Message=m +First Seen=60m +Count=2 +Name=x',
    ],
  ])('%s', (_, object, expected) => {
    expect(cells(object).join(' ')).toBe(expected);
  });

  it('throw on no object, however empty', () => {
    for (const type of resourceTypes) {
      const [apiVersion, { kind }] = [apiVersionOf(type), type];
      for (const status of [undefined, null, 'x', { conditions: 'x', containerStatuses: [null] }]) {
        expect(cells({ apiVersion, kind, status, spec: status })).toContainEqual(expect.stringMatching(/Name=x$/));
      }
      for (const column of printerColumns(groupKindOf({ apiVersion, kind }))) expect(column.description).toMatch(/^[A-Z].*\.$/);
    }
  });
});
