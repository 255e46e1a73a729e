import { describe, expect, it } from 'vitest';
import { admit } from '../../../resources/admit.ts';
import { defaultEngineConfig } from '../../../resources/engine-config.ts';
import type { TriggerTemplateParam } from '../../../resources/trigger-template/schema.ts';
import { lintTemplate } from './lint-template.ts';

type Resource = Record<string, unknown>;

function run(spec: Resource, metadata: unknown = { generateName: 'run-' }): Resource {
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata, spec: { pipelineRef: { name: 'p' }, ...spec } };
}

function lint(resource: Resource, params: TriggerTemplateParam[] = [{ name: 'sha' }]) {
  return lintTemplate({ params, resourcetemplates: [resource] }, 'spec', (raw) => admit(raw, defaultEngineConfig)).map((finding) => {
    const { severity, code, path, message, suggestion } = finding;
    return { severity, code, path: path.replace('spec.resourcetemplates[0]', 'R'), message, suggestion };
  });
}

const one = (finding: object) => [expect.objectContaining(finding)];

describe('lintTemplate', () => {
  it.each([
    ['a run', run({ params: [{ name: 'a', value: '$(tt.params.sha)' }] })],
    ['a name of params', run({}, { name: 'run-$(tt.params.sha)' })],
    ['a name of the uid', run({}, { name: 'run-$(uid)' })],
    ['params where a value is checked', run({ timeouts: { pipeline: '$(tt.params.sha)' } })],
    ['params in an enumeration', run({ taskRunSpecs: [{ pipelineTaskName: '$(tt.params.sha)' }] })],
    [
      'params of a pipeline that is written into the run',
      run({
        pipelineRef: undefined,
        pipelineSpec: {
          params: [{ name: 'sha' }],
          tasks: [{ name: 'a', params: [{ name: 'x', value: '$(params.sha)' }], taskRef: { name: 't' } }],
        },
        params: [{ name: 'sha', value: 'x' }],
      }),
    ],
    ['another kind', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'c-' }, data: { a: '$(tt.params.sha)' } }],
    ['a kind of params', { apiVersion: 'v1', kind: '$(tt.params.sha)', metadata: { generateName: 'c-' } }],
    ['an older version', { ...run({}), apiVersion: 'tekton.dev/v1beta1' }],
  ])('has nothing to say about %s', (_, resource) => {
    expect(lint(resource)).toEqual([]);
  });

  it.each([
    ['no metadata', null, 'R.metadata', 'is missing: an object needs a name or a generateName'],
    ['no name', { labels: {} }, 'R.metadata', 'has neither name nor generateName: nothing can be created'],
    ['metadata of another type', 'x', 'R.metadata', 'is no object'],
    ['a label that is no text', { generateName: 'a', labels: { a: 5 } }, 'R.metadata.labels.a', 'is no text, but 5: put it in quotes'],
    ['a namespace that is no text', { generateName: 'a', namespace: 5 }, 'R.metadata.namespace', 'is no text'],
  ])('%s: nothing can be made of it', (_, metadata, path, message) => {
    expect(lint(run({}, metadata))).toEqual(one({ severity: 'error', code: 'template-object', path, message }));
  });

  it('one name for all events', () => {
    expect(lint(run({}, { name: 'fixed' }))).toEqual(one({ severity: 'warning', code: 'template-object', path: 'R.metadata.name' }));
  });

  it('what admission would refuse whatever comes', () => {
    expect(lint(run({ timeout: '1h' }))).toEqual(
      one({
        severity: 'error',
        code: 'template-object',
        path: 'R.spec.timeout',
        message: 'what it creates is refused: json: unknown field "timeout" (did you mean "timeouts"?)',
      }),
    );
    expect(lint(run({ pipelineSpec: { tasks: [{ name: 'a', taskRef: { name: 't' } }] } }))).toEqual(
      one({ message: expect.stringContaining('expected exactly one, got both') }),
    );
    expect(lint(run({ timeouts: { pipeline: 'soon' } }))).toMatchObject([{ severity: 'error', path: expect.stringContaining('R.spec') }]);
  });

  it('what has no effect yet', () => {
    const spec = { pipelineRef: { name: 'p' }, workspaces: [{ name: 'w', csi: { driver: 'd' } }] };
    expect(lint(run(spec))).toEqual(one({ severity: 'warning', path: 'R.spec.workspaces[0].csi' }));
  });

  it('kinds that there are not', () => {
    expect(lint({ ...run({}), kind: 'PipelineRunn' })).toEqual(
      one({ severity: 'error', code: 'template-kind', path: 'R.kind', suggestion: 'PipelineRun' }),
    );
    expect(lint({ apiVersion: 'example.org/v1', kind: 'Thing', metadata: { generateName: 'a' } })).toEqual(
      one({ severity: 'warning', code: 'template-kind' }),
    );
  });

  it.each([
    ['$(tt.params.sah)', '$(tt.params.sha)'],
    ['$(tt.param.sha)', '$(tt.params.sha)'],
    ['$( tt.params.sha )', '$(tt.params.sha)'],
    ['${tt.params.sha}', '$(tt.params.sha)'],
    ['$(tt.params.sha[*])', '$(tt.params.sha)'],
    ['$(tt.params.sha.x)', '$(tt.params.sha)'],
    ['$(tt.params.other)', undefined],
    ['$(params.sha)', '$(tt.params.sha)'],
  ])('%s stays as it is', (placeholder, suggestion) => {
    const findings = lint(run({ params: [{ name: 'a', value: `x ${placeholder}` }] }));
    expect(findings).toEqual(one({ severity: 'warning', code: 'template-placeholder', path: 'R.spec.params[0].value', suggestion }));
  });

  it('params declared twice', () => {
    expect(lint(run({}), [{ name: 'a' }, { name: 'b' }, { name: 'a', default: 'x' }])).toEqual(
      one({ severity: 'warning', code: 'param-repeated', path: 'spec.params[2].name' }),
    );
  });
});
