import type { KubeObject, Stored } from '../../src/resources/object.ts';
import type { FakeAnswer } from '../support/fake-resolver.ts';
import { taskSpec } from './world.ts';

export const TASK_RUN = 'tekton.dev/TaskRun';
export const PIPELINE_RUN = 'tekton.dev/PipelineRun';
export const REQUEST = 'resolution.tekton.dev/ResolutionRequest';

/** A reference to what the fake resolver calls `name`. */
export const ref = (name: string, more: readonly unknown[] = []) => ({
  resolver: 'fake',
  params: [{ name: 'name', value: name }, ...more],
});

export const task = (name: string, spec: object = taskSpec): FakeAnswer => ({
  resource: { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name, namespace: 'elsewhere', labels: { from: 'afar' } }, spec },
});

export const pipeline = (name: string, tasks: readonly unknown[]): FakeAnswer => ({
  resource: { apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata: { name, annotations: { a: 'b' } }, spec: { tasks } },
});

export const remoteRun = (name: string, asked: string, spec: object = {}): KubeObject => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { name, namespace: 'default' },
  spec: { pipelineRef: ref(asked), ...spec },
});

/** A field deep within. */
export const field = (object: Stored | undefined, ...path: string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
