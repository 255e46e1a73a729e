import { expect, it } from 'vitest';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { Stored } from '../resources/object.ts';
import { completed } from './completed.ts';

const steps = [{ name: 'do', image: 'busybox', script: 'true' }];

function taskRun(spec: object, { uid = 'u', generation = 1, resourceVersion = '1', status }: Record<string, unknown> = {}): Stored {
  const metadata = { name: 't', namespace: 'ns', uid, generation, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata, spec, ...(status !== undefined && { status }) } as unknown as Stored;
}

it('fills in what is not said, and lets metadata and status be', () => {
  const as = completed(defaultEngineConfig);
  const seen = as(taskRun({ taskSpec: { steps } }, { status: { podName: 'p' } }));
  expect(seen).toMatchObject({
    metadata: { uid: 'u' },
    spec: { serviceAccountName: 'default', timeout: '1h0m0s' },
    status: { podName: 'p' },
  });
  expect(as({ ...seen, kind: 'Pod', apiVersion: 'v1' })).toEqual({ ...seen, kind: 'Pod', apiVersion: 'v1' });
});

it('does the work once for each time that the user writes', () => {
  const as = completed(defaultEngineConfig);
  const first = as(taskRun({ taskSpec: { steps } }));
  const later = as(taskRun({ taskSpec: { steps } }, { resourceVersion: '2', status: { podName: 'p' } }));
  expect(later['spec']).toBe(first['spec']);
  expect(later).toMatchObject({ metadata: { resourceVersion: '2' }, status: { podName: 'p' } });
  const cancelled = as(taskRun({ taskSpec: { steps }, status: 'TaskRunCancelled' }, { generation: 2, resourceVersion: '3' }));
  expect(cancelled['spec']).toMatchObject({ status: 'TaskRunCancelled' });
  // Made again under the same name.
  expect(as(taskRun({ taskSpec: { steps }, timeout: '5m0s' }, { uid: 'other' }))['spec']).toMatchObject({ timeout: '5m0s' });
});

it('leaves what admission refuses as it is, each time', () => {
  const as = completed(defaultEngineConfig);
  const wrong = taskRun({ taskSpec: { steps: [{ image: 1 }] } });
  expect(as(wrong)).toBe(wrong);
  const again = taskRun({ taskSpec: { steps: [{ image: 1 }] } }, { resourceVersion: '2' });
  expect(as(again)).toBe(again);
});

it('keeps the last thousand', () => {
  const as = completed(defaultEngineConfig);
  const first = as(taskRun({ taskSpec: { steps } }, { uid: 'first' }));
  for (let n = 0; n < 999; n++) as(taskRun({ taskSpec: { steps } }, { uid: `${n}` }));
  expect(as(taskRun({ taskSpec: { steps } }, { uid: 'first' }))['spec']).toBe(first['spec']);
  for (let n = 0; n < 1_000; n++) as(taskRun({ taskSpec: { steps } }, { uid: `later-${n}` }));
  expect(as(taskRun({ taskSpec: { steps } }, { uid: 'first' }))['spec']).not.toBe(first['spec']);
});
