import { describe, expect, it } from 'vitest';
import { admit, validateUpdate } from '../../../src/resources/admit.ts';
import { defaultEngineConfig, type EngineConfig } from '../../../src/resources/engine-config.ts';
import { renderFieldErrors } from '../../../src/resources/field-error.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import { lines, refusal, tekton } from '../../support/refusal.ts';

/** reference/pipelines.md 2.9 to 2.11: CustomRuns, and what may be changed in runs, in upstream's exact words. */

type Fields = Readonly<Record<string, unknown>>;
type Row = readonly [rule: string, spec: Fields, message: string, config?: Partial<EngineConfig>];

const ref = { taskRef: { name: 't' } };
const pipeline = { pipelineRef: { name: 'p' } };

function rows(kind: string, base: Fields, list: readonly Row[]): void {
  it.each(list.map((row) => [row[0], row] as const))('%s', (_, [, spec, message, config]) => {
    expect(refusal(tekton(kind, { ...base, ...spec }), config)).toBe(message);
  });
}

const sources = (what: 'neither' | 'both', path: string): string =>
  `expected exactly one, got ${what}: ${['configmap', 'emptydir', 'persistentvolumeclaim', 'secret', 'volumeclaimtemplate'].map((source) => `${path}.${source}`).join(', ')}`;

describe('2.11 CustomRuns: the first mistake', () => {
  const customRef = { apiVersion: 'x/v1', kind: 'K' };
  rows('CustomRun', {}, [
    ['nothing to run', {}, 'expected exactly one, got neither: spec.customRef, spec.customSpec'],
    ['two to run', { customRef, customSpec: customRef }, 'expected exactly one, got both: spec.customRef, spec.customSpec'],
    ['no version', { customRef: {} }, 'missing field(s): spec.customRef.apiVersion'],
    ['no kind', { customSpec: { apiVersion: 'x/v1' } }, 'missing field(s): spec.customSpec.kind'],
    [
      'a message without status',
      { customRef, statusMessage: 'why' },
      'invalid value: statusMessage should not be set if status is not set, but it is currently set to why: statusMessage',
    ],
    [
      'params twice',
      { customRef, params: ['a', 'A'].map((name) => ({ name, value: '' })), workspaces: [{ name: 'w' }] },
      'expected exactly one, got both: spec.params[A].name',
    ],
    ['a workspace', { customRef, workspaces: [{ name: 'w' }] }, sources('neither', 'spec.workspaces[0]')],
  ]);
});

describe('updates', () => {
  const done = { status: { conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded' }] } };
  const admitted = (object: Fields): KubeObject => {
    const answer = admit(object, defaultEngineConfig);
    if (!answer.ok) throw new Error(renderFieldErrors(answer.errors));
    return answer.object;
  };
  const update = (kind: string, before: Fields, after: Fields, more: Fields = {}): string =>
    renderFieldErrors(validateUpdate(admitted({ ...tekton(kind, before), ...more }), admitted({ ...tekton(kind, after), ...more })));

  it.each<[string, Fields, Fields, Fields, string]>([
    ['TaskRun', ref, { ...ref, status: 'TaskRunCancelled', statusMessage: 'why' }, {}, ''],
    [
      'TaskRun',
      ref,
      { ...ref, retries: 1 },
      {},
      'invalid value: Once the TaskRun has started, only status and statusMessage updates are allowed: spec',
    ],
    [
      'TaskRun',
      ref,
      { ...ref, status: 'TaskRunCancelled' },
      done,
      'invalid value: Once the TaskRun is complete, no updates are allowed: spec',
    ],
    ['TaskRun', ref, { ...ref, timeout: '1h' }, done, ''],
    ['TaskRun', { ...ref, managedBy: 'a' }, { ...ref, managedBy: 'b' }, {}, 'invalid value: managedBy is immutable: spec.spec.managedBy'],
    ['PipelineRun', pipeline, { ...pipeline, status: 'StoppedRunFinally' }, {}, ''],
    [
      'PipelineRun',
      pipeline,
      { ...pipeline, params: [{ name: 'a', value: '' }] },
      {},
      'invalid value: Once the PipelineRun has started, only status updates are allowed: spec',
    ],
    [
      'PipelineRun',
      pipeline,
      { ...pipeline, status: 'Cancelled' },
      done,
      'invalid value: Once the PipelineRun is complete, no updates are allowed: spec',
    ],
    [
      'PipelineRun',
      pipeline,
      { ...pipeline, managedBy: 'b' },
      done,
      lines(
        'invalid value: Once the PipelineRun is complete, no updates are allowed: spec',
        'invalid value: managedBy is immutable: spec.spec.managedBy',
      ),
    ],
  ])('of a %s: %j to %j, %j', (kind, before, after, more, message) => {
    expect(update(kind, before, after, more)).toBe(message);
  });
});

describe('annotations of ours', () => {
  const annotated = (kind: string, spec: Fields, annotations: Fields): string => refusal(tekton(kind, spec, { name: 'x', annotations }));
  it.each<[Fields, string]>([
    [{ 'tappet.dev/reuse': '["a"]', 'tappet.dev/rerun-of': 'old' }, ''],
    [{ 'tappet.dev/reuse': '[]' }, ''],
    [
      { 'tappet.dev/reuse': 'a' },
      'invalid value: a: metadata.annotations[tappet.dev/reuse]\nexpected a JSON list of names of pipeline tasks',
    ],
    [
      { 'tappet.dev/reuse': '["a"]' },
      'invalid value: ["a"]: metadata.annotations[tappet.dev/reuse]\nexpected the name of the run they ran in, in tappet.dev/rerun-of',
    ],
    [{ 'tappet.dev/fail-fast': 'true' }, ''],
    [{ 'tappet.dev/fail-fast': 'yes' }, 'invalid value: yes: metadata.annotations[tappet.dev/fail-fast]\nexpected "true" or "false"'],
  ])('%j', (annotations, message) => {
    expect(annotated('PipelineRun', pipeline, annotations)).toBe(message);
  });

  it('a Pipeline may say whether its runs fail fast', () => {
    const spec = { tasks: [{ name: 'a', ...ref }] };
    expect(annotated('Pipeline', spec, { 'tappet.dev/fail-fast': 'no' })).toBe(
      'invalid value: no: metadata.annotations[tappet.dev/fail-fast]\nexpected "true" or "false"',
    );
  });
});
