import { describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../../src/resources/engine-config.ts';
import { gate, lines, refusal, tekton } from '../../support/refusal.ts';

/** reference/pipelines.md 2.7 and 2.7.1, rule by rule: what a Pipeline's variables, results, finally tasks and matrices may be, in upstream's exact words. */

type Fields = Readonly<Record<string, unknown>>;
type Row = readonly [rule: string, spec: Fields, message: string, config?: Partial<EngineConfig>];

const image = 'busybox';
const alpha = { 'enable-api-fields': 'alpha' } as const;
const stable = { 'enable-api-fields': 'stable' } as const;
const task = (name: string, more: Fields = {}): Fields => ({ name, taskRef: { name: 't' }, ...more });
const embedded = (name: string, taskSpec: Fields, more: Fields = {}): Fields => ({
  name,
  taskSpec: { steps: [{ image }], ...taskSpec },
  ...more,
});
const tasks = (...list: readonly Fields[]): Fields => ({ tasks: list });
const p = (value: unknown, name = 'p'): Fields => ({ params: [{ name, value }] });

function rows(list: readonly Row[]): void {
  it.each(list.map((row) => [row[0], row] as const))('%s', (_, [, spec, message, config]) => {
    expect(refusal(tekton('Pipeline', spec), config)).toBe(message);
  });
}

describe('2.7 (6, 7, 16) variables', () => {
  const status = 'invalid value: pipeline tasks can not refer to execution status of any other pipeline task or aggregate status of tasks';
  const prefix = (text: string): string =>
    `invalid value: invalid variable reference "${text}", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use $\{VAR} instead`;
  rows([
    [
      'contexts, of the last task alone',
      tasks(task('a', p('$(context.pipelineRun.x)')), task('b', p('$(context.pipeline.y)'))),
      'non-existent variable in "$(context.pipeline.y)": spec.tasks.value',
    ],
    [
      'contexts of a task',
      tasks(task('a', p('$(context.pipelineTask.retries) $(context.pipelineTask.x)'))),
      'non-existent variable in "$(context.pipelineTask.retries) $(context.pipelineTask.x)": spec.tasks.value',
    ],
    [
      'statuses among tasks',
      tasks(task('a'), task('b', { ...p('$(tasks.a.reason)'), when: [{ input: '$(tasks.status)', operator: 'in', values: ['x'] }] })),
      `${status}: spec.tasks[1].params[p].value, spec.tasks[1].when[0]`,
    ],
    ['a status beside a result', tasks(task('a'), task('b', p('$(tasks.a.results.r) $(tasks.a.status)'))), ''],
    [
      'statuses of nobody',
      {
        ...tasks(task('a')),
        finally: [
          task('f', {
            params: [
              { name: 'p', value: '$(tasks.status) $(tasks.x.status)' },
              { name: 'q', value: '$(tasks.f.reason)' },
            ],
          }),
        ],
      },
      lines(
        'invalid value: pipeline task f is not defined in the pipeline: spec.finally[0].params[q].value',
        'invalid value: pipeline task x is not defined in the pipeline: spec.finally[0].params[p].value',
      ),
    ],
    [
      'prefixes',
      tasks(
        task('a', {
          ...p('$(HOME)'),
          when: [{ input: '$(x.y)', operator: 'in', values: ['z'] }],
          matrix: { params: [{ name: 'm', value: ['$(m)'] }], include: [{ name: 'i', params: [{ name: 'n', value: '$(n)' }] }] },
        }),
      ),
      lines(
        `${prefix('$(HOME)')}: spec.tasks[0].params[p].value`,
        `${prefix('$(m)')}: spec.tasks[0].matrix.params[m].value`,
        `${prefix('$(n)')}: spec.tasks[0].matrix.include[0].params[n].value`,
        `${prefix('$(x.y)')}: spec.tasks[0].when[0]`,
      ),
    ],
    [
      'artifacts',
      tasks(task('a'), task('b', p('$(tasks.a.outputs.o)'))),
      'feature flag enable-artifacts should be set to true to use artifacts feature.: spec.tasks[1].params',
    ],
    ['artifacts, on', tasks(task('a'), task('b', p('$(tasks.a.outputs.o)'))), '', { 'enable-artifacts': true }],
  ]);
});

describe('2.7 (8 to 12) workspaces, results, finally', () => {
  const results = (value: unknown): Fields => ({ ...tasks(task('a')), finally: [task('f')], results: [{ name: 'r', value }] });
  const words = 'invalid value: expected pipeline results to be task result expressions but';
  const nobody = 'invalid value: referencing a nonexistent task: spec.results[0].value';
  rows([
    [
      'workspaces',
      { ...tasks(task('a')), workspaces: [{ name: '' }, { name: 'w' }, { name: 'w' }] },
      lines(
        'invalid value: workspace 0 has empty name: spec.workspaces[0]',
        'invalid value: workspace with name "w" appears more than once: spec.workspaces[2]',
      ),
    ],
    [
      'workspaces of tasks',
      { ...tasks(task('a', { workspaces: [{ name: 'w' }, { name: 'w', workspace: 'v' }] })), workspaces: [{ name: 'w' }] },
      lines(
        'invalid value: pipeline task "a" expects workspace with name "v" but none exists in pipeline spec: spec.tasks[0].workspaces[1]',
        'workspace name "w" must be unique: spec.tasks[0].workspaces[1]',
      ),
    ],
    ['a result', results('$(tasks.a.results.x)'), ''],
    ['a result with text behind', results('$(tasks.a.results.x)-$(finally.f.results.y)'), ''],
    ['a result with text before', results('x-$(tasks.a.results.x)'), nobody],
    [
      'a result without variable',
      results('x'),
      lines(
        `${words} an invalid expressions was found: spec.results[0].value`,
        `${words} no expressions were found: spec.results[0].value`,
        nobody,
      ),
    ],
    ['a result of a param', results('$(params.x)'), lines(`${words} an invalid expressions was found: spec.results[0].value`, nobody)],
    [
      'a result of too many parts',
      results('$(tasks.a.results.b.c.d)'),
      lines(
        'invalid value: expected all of the expressions [tasks.a.results.b.c.d] to be result expressions but only [] were: spec.results[0].value',
        nobody,
      ),
    ],
    ['a result of nobody', results('$(tasks.f.results.x)'), nobody],
    ['a list of results of nobody', results(['$(tasks.f.results.x)']), ''],
    [
      'results of child pipelines',
      {
        ...tasks({ name: 'a', pipelineRef: { name: 'p' } }, embedded('b', { steps: [{ image, script: '$(tasks.a.results.x)' }] })),
        finally: [task('f', p('$(tasks.a.results.y)'))],
      },
      'invalid value: result reference to pipelineTask "a" is not supported: referenced task uses pipelineRef or pipelineSpec and result propagation from child Pipelines is not yet implemented: spec.finally[0], spec.tasks[1]',
      alpha,
    ],
    ['finally alone', { finally: [task('f'), task('g')] }, 'invalid value: spec.tasks is empty but spec.finally has 2 tasks: spec.finally'],
    [
      'finally in order',
      { ...tasks(task('a')), finally: [task('f', { runAfter: ['a'] })] },
      'invalid value: no runAfter allowed under spec.finally, final task f has runAfter specified: spec.finally[0]',
    ],
    [
      'finally with results',
      {
        ...tasks(task('a')),
        finally: [
          task('f'),
          task('g', { ...p('$(tasks.f.results.x)'), when: [{ input: '$(tasks.y.results.z)', operator: 'in', values: ['x'] }] }),
        ],
      },
      lines(
        'invalid value: invalid task result reference, final task has task result reference from a final task f: spec.finally[1].params[p].value',
        'invalid value: invalid task result reference, final task has task result reference from a task y which is not defined in the pipeline: spec.finally[1].when[0]',
      ),
    ],
    ['guards', { ...tasks(task('a')), finally: [task('f', { when: [{}] })] }, 'missing field(s): spec.finally[0].when[0]'],
  ]);
});

describe('2.7.1 the matrix', () => {
  const matrix = (name: string, ...value: readonly string[]): Fields => ({ matrix: { params: [{ name, value }] } });
  const singular =
    'A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to tasks.a.results.r: ';
  const strings = (type: string): string =>
    `invalid value: Matrixed PipelineTasks emitting results must have an underlying type string, but result r has type ${type} in pipelineTask: spec.tasks`;
  rows([
    ['stable', tasks(task('a', matrix('m', '1'))), gate('matrix', 'beta', 'stable'), stable],
    [
      'too many',
      tasks(task('a', { matrix: { params: ['m', 'n'].map((name) => ({ name, value: Array.from({ length: 17 }, String) })) } })),
      'expected 0 <= 289 <= 256: spec.tasks[0].matrix',
    ],
    [
      'more than is allowed',
      tasks(task('a', matrix('m', '1', '2'))),
      'expected 0 <= 2 <= 1: spec.tasks[0].matrix',
      { 'default-max-matrix-combinations-count': 1 },
    ],
    [
      'names twice',
      tasks(
        task('a', {
          ...p('', 'm'),
          matrix: {
            params: [
              { name: 'm', value: ['1'] },
              { name: 'm', value: ['2'] },
            ],
            include: [
              {
                name: 'i',
                params: [
                  { name: 'n', value: '1' },
                  { name: 'n', value: '2' },
                ],
              },
            ],
          },
        }),
      ),
      lines(
        'expected exactly one, got both: spec.tasks[0].matrix[m], spec.tasks[0].params[m]',
        'parameter names must be unique, the parameter "m" is also defined at: spec.tasks[0].matrix.params[1].name',
        'parameter names must be unique, the parameter "n" is also defined at: spec.tasks[0].matrix.include[0].params[1].name',
      ),
    ],
    ['one of its results', tasks(task('a', matrix('m', '1')), task('b', p('$(tasks.a.results.r)'))), singular],
    [
      'one of its results in a guard',
      tasks(task('a', matrix('m', '1')), task('b', { when: [{ input: '$(tasks.a.results.r)', operator: 'in', values: ['x'] }] })),
      '',
    ],
    ['one of its results in finally', { ...tasks(task('a', matrix('m', '1'))), finally: [task('f', p('$(tasks.a.results.r)'))] }, ''],
    ['all of its results', tasks(task('a', matrix('m', '1')), task('b', p('$(tasks.a.results.r[*])'))), ''],
    [
      'results that are no strings',
      tasks(embedded('a', { results: [{ name: 'r', type: 'array' }] }, matrix('m', '1')), task('b', p('$(tasks.a.results.r[*])'))),
      strings('array'),
    ],
  ]);
});
