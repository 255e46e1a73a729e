import { describe, expect, it } from 'vitest';
import { defaultEngineConfig, type EngineConfig } from '../engine-config.ts';
import { renderFieldErrors } from '../field-error.ts';
import { defaultPipelineSpec } from './defaults.ts';
import type { PipelineSpec, PipelineTask } from './schema.ts';
import { validatePipeline, validatePipelineSpec } from './validate.ts';

const validate = (spec: PipelineSpec, config: Partial<EngineConfig> = {}): string => {
  const full = { ...defaultEngineConfig, ...config };
  return renderFieldErrors(validatePipelineSpec(defaultPipelineSpec(spec, full), full));
};

const task = (name: string, more: Partial<PipelineTask> = {}): PipelineTask => ({ name, taskRef: { name: 't' }, ...more });
const uses = (...texts: string[]): Partial<PipelineTask> => ({ params: texts.map((value, index) => ({ name: `p${index}`, value })) });
const alpha = { 'enable-api-fields': 'alpha' } as const;

describe('validatePipelineSpec', () => {
  it.each<[string, PipelineSpec, Partial<EngineConfig>?]>([
    ['one task', { tasks: [task('a')] }],
    ['a graph', { tasks: [task('a'), task('b', { runAfter: ['a'] }), task('c', uses('$(tasks.b.results.r)'))] }],
    ['undeclared params of an embedded pipeline', { tasks: [task('a', uses('$(params.from-around)'))] }],
    [
      'status in finally',
      { tasks: [task('a')], finally: [task('f', uses('$(tasks.a.status) $(tasks.status) $(tasks.a.reason) $(tasks.a.results.r)'))] },
    ],
    [
      'results',
      { tasks: [task('a')], finally: [task('f')], results: [{ name: 'r', value: '$(tasks.a.results.x)-$(finally.f.results.y)' }] },
    ],
    [
      'custom tasks',
      {
        tasks: [
          { name: 'a', taskRef: { apiVersion: 'x.dev/v1', kind: 'Wait' } },
          { name: 'b', taskSpec: { apiVersion: 'x.dev/v1', kind: 'Wait', spec: { a: 1 } } },
        ],
      },
    ],
    [
      'pipelines in pipelines',
      {
        tasks: [
          { name: 'a', pipelineRef: { name: 'p' } },
          { name: 'b', pipelineSpec: { tasks: [task('c')] } },
        ],
      },
      alpha,
    ],
    [
      'matrix results as a whole',
      { tasks: [task('a', { matrix: { params: [{ name: 'm', value: ['x', 'y'] }] } }), task('b', uses('$(tasks.a.results.r[*])'))] },
    ],
  ])('admits %s', (_name, spec, config) => {
    expect(validate(spec, config)).toBe('');
  });

  it.each<[string, PipelineSpec, string]>([
    ['nothing at all', {}, 'expected at least one, got none: description, params, resources, tasks, workspaces'],
    [
      'a bad name',
      { tasks: [task('A_b')] },
      'invalid value "A_b": tasks[0].name\nPipeline Task name must be a valid DNS Label.For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names',
    ],
    ['names in both lists', { tasks: [task('a')], finally: [task('a')] }, 'expected exactly one, got both: finally[0].name'],
    [
      'a name twice',
      { tasks: [task('a'), task('a')] },
      "expected exactly one, got both: tasks[1].name\ninvalid value: task a is already present in Graph, can't add it again: duplicate pipeline task: tasks",
    ],
    ['nothing to run', { tasks: [{ name: 'a' }] }, 'expected exactly one, got neither: tasks[0].taskRef, tasks[0].taskSpec'],
    [
      'two things to run',
      { tasks: [{ name: 'a', taskRef: { name: 't' }, taskSpec: { steps: [{ image: 'i' }] } }] },
      'expected exactly one, got multiple: tasks[0].taskRef, tasks[0].taskSpec',
    ],
    [
      'a nested pipeline in beta',
      { tasks: [{ name: 'a', pipelineRef: { name: 'p' } }] },
      'pipelineRef requires "enable-api-fields" feature gate to be "alpha" but it is "beta": ',
    ],
    ['what is wrong inside', { finally: [{ name: 'f', taskSpec: {} }], tasks: [task('a')] }, 'missing field(s): finally[0].taskSpec.steps'],
    [
      'steps of a custom task',
      { tasks: [{ name: 'a', taskSpec: { apiVersion: 'x/v1', kind: 'K', steps: [{ image: 'i' }] } }] },
      'taskSpec.apiVersion cannot be specified when using taskSpec.steps: tasks[0].taskSpec.apiVersion\ntaskSpec.kind cannot be specified when using taskSpec.steps: tasks[0].taskSpec.kind',
    ],
    [
      'a custom task without version',
      { tasks: [{ name: 'a', taskRef: { kind: 'Wait', name: 'x' } }] },
      'invalid value: custom task ref must specify apiVersion: tasks[0].taskRef.apiVersion',
    ],
    [
      'a custom task of a bad version',
      { tasks: [{ name: 'a', taskSpec: { kind: 'Wait', apiVersion: 'v1' } }] },
      'invalid value: invalid apiVersion format "v1", must be in the format "group/version": tasks[0].taskSpec.apiVersion',
    ],
    [
      'unknown onError',
      { tasks: [task('a', { onError: 'x' })] },
      'invalid value: x: tasks[0].OnError\nPipelineTask OnError must be either "continue" or "stopAndFail"',
    ],
    [
      'continue with retries',
      { tasks: [task('a', { onError: 'continue', retries: 1 })] },
      'PipelineTask OnError cannot be set to "continue" when Retries is greater than 0: ',
    ],
    [
      'params of one name',
      {
        tasks: [
          task('a', {
            params: [
              { name: 'p', value: '' },
              { name: 'p', value: '' },
            ],
          }),
        ],
      },
      'parameter names must be unique, the parameter "p" is also defined at: tasks[0].params[1].name',
    ],
    [
      'a cycle',
      { tasks: [task('b', { runAfter: ['a'] }), task('a', { runAfter: ['c', 'b'] }), task('c')] },
      'invalid value: cycle detected; task "a" depends on "b": tasks\neach of these waits for the next: "a" -> "b" -> "a"',
    ],
    [
      'a task after itself',
      { tasks: [task('a', uses('$(tasks.a.results.r)'))] },
      'invalid value: cycle detected; task "a" depends on "a": tasks\neach of these waits for the next: "a" -> "a"',
    ],
    [
      'a missing parent',
      { tasks: [task('a', { runAfter: ['x'] })] },
      "invalid value: couldn't add link between a and x: task a depends on x but x wasn't present in Pipeline: tasks",
    ],
    [
      'a bad param, told twice',
      { params: [{ name: 'p', type: 'x' }], tasks: [task('a')] },
      'invalid value: x: finally.params.p.type, tasks.params.p.type',
    ],
    [
      'an unknown context',
      { tasks: [task('a', uses('$(context.pipelineRun.labels)'))] },
      'non-existent variable in "$(context.pipelineRun.labels)": tasks.value',
    ],
    [
      'status among tasks',
      { tasks: [task('a'), task('b', { when: [{ input: '$(tasks.a.status)', operator: 'in', values: ['x'] }] })] },
      'invalid value: pipeline tasks can not refer to execution status of any other pipeline task or aggregate status of tasks: tasks[1].when[0]',
    ],
    [
      'status of nobody',
      { tasks: [task('a')], finally: [task('f', uses('$(tasks.x.status)'))] },
      'invalid value: pipeline task x is not defined in the pipeline: finally[0].params[p0].value',
    ],
    [
      'workspaces',
      { tasks: [task('a')], workspaces: [{ name: 'w' }, { name: '' }, { name: 'w' }] },
      'invalid value: workspace 1 has empty name: workspaces[1]\ninvalid value: workspace with name "w" appears more than once: workspaces[2]',
    ],
    [
      'a result that is text',
      { tasks: [task('a')], results: [{ name: 'r', value: 'x' }] },
      'invalid value: expected pipeline results to be task result expressions but an invalid expressions was found: results[0].value\n' +
        'invalid value: expected pipeline results to be task result expressions but no expressions were found: results[0].value\n' +
        'invalid value: referencing a nonexistent task: results[0].value',
    ],
    [
      'a result of something else',
      { tasks: [task('a')], results: [{ name: 'r', value: '$(params.x)' }] },
      'invalid value: expected pipeline results to be task result expressions but an invalid expressions was found: results[0].value\n' +
        'invalid value: referencing a nonexistent task: results[0].value',
    ],
    [
      'a result in too many parts',
      { tasks: [task('a')], results: [{ name: 'r', value: '$(tasks.a.results.b.c.d)' }] },
      'invalid value: expected all of the expressions [tasks.a.results.b.c.d] to be result expressions but only [] were: results[0].value\n' +
        'invalid value: referencing a nonexistent task: results[0].value',
    ],
    [
      'a result of nobody',
      { tasks: [task('a')], results: [{ name: 'r', value: '$(tasks.x.results.r)' }] },
      'invalid value: referencing a nonexistent task: results[0].value',
    ],
    ['only finally', { finally: [task('f'), task('g')] }, 'invalid value: spec.tasks is empty but spec.finally has 2 tasks: finally'],
    [
      'finally after something',
      { tasks: [task('a')], finally: [task('f', { runAfter: ['a'] })] },
      'invalid value: no runAfter allowed under spec.finally, final task f has runAfter specified: finally[0]',
    ],
    [
      'finally after finally',
      { tasks: [task('a')], finally: [task('f'), task('g', uses('$(tasks.f.results.r) $(tasks.x.results.r)'))] },
      'invalid value: invalid task result reference, final task has task result reference from a final task f: finally[1].params[p0].value\n' +
        'invalid value: invalid task result reference, final task has task result reference from a task x which is not defined in the pipeline: finally[1].params[p0].value',
    ],
    [
      'shell variables',
      { tasks: [task('a', uses('$(HOME)'))] },
      'invalid value: invalid variable reference "$(HOME)", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use $' +
        '{VAR} instead: tasks[0].params[p0].value',
    ],
    [
      'one result of many runs',
      { tasks: [task('a', { matrix: { params: [{ name: 'm', value: ['x'] }] } }), task('b', uses('$(tasks.a.results.r)'))] },
      'A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to tasks.a.results.r: ',
    ],
    [
      'a matrix twice',
      {
        tasks: [
          task('a', {
            params: [{ name: 'm', value: 'x' }],
            matrix: {
              params: [
                { name: 'm', value: ['x'] },
                { name: 'm', value: ['y'] },
              ],
              include: [
                {
                  name: 'i',
                  params: [
                    { name: 'n', value: 'x' },
                    { name: 'n', value: 'y' },
                  ],
                },
              ],
            },
          }),
        ],
      },
      'expected exactly one, got both: tasks[0].matrix[m], tasks[0].params[m]\n' +
        'parameter names must be unique, the parameter "m" is also defined at: tasks[0].matrix.params[1].name\n' +
        'parameter names must be unique, the parameter "n" is also defined at: tasks[0].matrix.include[0].params[1].name',
    ],
    [
      'a matrix too large',
      { tasks: [task('a', { matrix: { params: ['m', 'n'].map((name) => ({ name, value: Array.from({ length: 17 }, String) })) } })] },
      'expected 0 <= 289 <= 256: tasks[0].matrix',
    ],
  ])('refuses %s', (_name, spec, errors) => {
    expect(validate(spec)).toBe(errors);
  });

  it('refuses results of nested pipelines', () => {
    const spec: PipelineSpec = { tasks: [{ name: 'a', pipelineRef: { name: 'p' } }, task('b', uses('$(tasks.a.results.r)'))] };
    expect(validate(spec, alpha)).toBe(
      'invalid value: result reference to pipelineTask "a" is not supported: referenced task uses pipelineRef or pipelineSpec and result propagation from child Pipelines is not yet implemented: tasks[1]',
    );
  });

  it('refuses inline specs when told to', () => {
    const spec: PipelineSpec = { tasks: [{ name: 'a', taskSpec: { steps: [{ image: 'i' }] } }] };
    expect(validate(spec, { 'disable-inline-spec': 'pipelinerun,pipeline' })).toBe('must not set the field(s): tasks[0].taskSpec');
  });
});

describe('validatePipeline: a standalone Pipeline declares what it uses', () => {
  const errorsOf = (spec: PipelineSpec): string => {
    const full = defaultPipelineSpec(spec, defaultEngineConfig);
    const pipeline = { apiVersion: 'tekton.dev/v1' as const, kind: 'Pipeline' as const, metadata: { name: 'p' }, spec: full };
    return renderFieldErrors(validatePipeline(pipeline, defaultEngineConfig));
  };
  const inner = (script: string): PipelineTask['taskSpec'] => ({ steps: [{ image: 'i', script }] });

  it.each<[string, PipelineSpec, string]>([
    ['undeclared', { tasks: [task('a', uses('$(params.x)'))] }, 'non-existent variable in "$(params.x)": spec.tasks[0].params[p0]'],
    [
      'whole array or object',
      {
        params: [
          { name: 'o', properties: { k: {} } },
          { name: 'l', type: 'array' },
        ],
        tasks: [task('a', uses('$(params.o[*])', '$(params.l[*])'))],
      },
      '',
    ],
    [
      'array among text',
      { params: [{ name: 'l', type: 'array' }], tasks: [task('a', uses('x $(params.l[*])'))] },
      'variable type invalid in "x $(params.l[*])": spec.tasks[0].params[p0]',
    ],
    [
      'unknown key',
      { params: [{ name: 'o', properties: { k: {} } }], tasks: [task('a', uses('$(params.o.x)'))] },
      'non-existent variable in "$(params.o.x)": spec.tasks[0].params[p0]',
    ],
    [
      'embedded, undeclared',
      { tasks: [{ name: 'a', taskSpec: inner('$(params.x)') }] },
      'non-existent variable in "$(params.x)": spec.tasks[0].steps[0].script',
    ],
    ['embedded, of the pipeline', { params: [{ name: 'x' }], tasks: [{ name: 'a', taskSpec: inner('$(params.x)') }] }, ''],
    [
      'embedded, of the task',
      { tasks: [{ name: 'a', taskSpec: inner('$(params.x)'), params: [{ name: 'x', value: '' }] }] },
      'non-existent variable in "$(params.x)": spec.tasks[0].steps[0].script',
    ],
    [
      'embedded, an element of a matrix',
      { tasks: [{ name: 'a', taskSpec: inner('$(params.x)'), matrix: { params: [{ name: 'x', value: ['1'] }] } }] },
      'non-existent variable in "$(params.x)": spec.tasks[0].steps[0].script',
    ],
    [
      'unknown workspace',
      { tasks: [task('a', { workspaces: [{ name: 'w' }, { name: 'v', workspace: 'u' }] })] },
      'invalid value: pipeline task "a" expects workspace with name "u" but none exists in pipeline spec: spec.tasks[0].workspaces[1]\ninvalid value: pipeline task "a" expects workspace with name "w" but none exists in pipeline spec: spec.tasks[0].workspaces[0]',
    ],
    [
      'workspace twice',
      { workspaces: [{ name: 'w' }], tasks: [task('a', { workspaces: [{ name: 'w' }, { name: 'w' }] })] },
      'workspace name "w" must be unique: spec.tasks[0].workspaces[1]',
    ],
  ])('%s', (_name, spec, errors) => {
    expect(errorsOf(spec)).toBe(errors);
  });
});
