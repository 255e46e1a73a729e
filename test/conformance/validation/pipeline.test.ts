import { describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../../src/resources/engine-config.ts';
import { gate, lines, refusal, tekton } from '../../support/refusal.ts';

/** reference/pipelines.md 2.7 and 2.8, rule by rule: a Pipeline, and upstream's exact words about it. */

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

const nameRule =
  'Pipeline Task name must be a valid DNS Label.For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names';

describe('2.7 (1 to 3) tasks', () => {
  rows([
    ['nothing', {}, 'expected at least one, got none: spec.description, spec.params, spec.resources, spec.tasks, spec.workspaces'],
    ['a name', tasks(task('a.b')), lines('invalid value "a.b": spec.tasks[0].name', nameRule)],
    ['a name in both lists', { ...tasks(task('a')), finally: [task('a')] }, 'expected exactly one, got both: spec.finally[0].name'],
    ['nothing to run', tasks({ name: 'a' }), 'expected exactly one, got neither: spec.tasks[0].taskRef, spec.tasks[0].taskSpec'],
    [
      'nothing to run, alpha',
      tasks({ name: 'a' }),
      'expected exactly one, got neither: spec.tasks[0].pipelineRef, spec.tasks[0].pipelineSpec, spec.tasks[0].taskRef, spec.tasks[0].taskSpec',
      alpha,
    ],
    [
      'two to run',
      tasks(embedded('a', {}, { taskRef: { name: 't' } })),
      'expected exactly one, got multiple: spec.tasks[0].taskRef, spec.tasks[0].taskSpec',
    ],
    ['a child pipeline, beta', tasks({ name: 'a', pipelineRef: { name: 'p' } }), gate('pipelineRef', 'alpha', 'beta')],
    ['a nested pipeline, beta', tasks({ name: 'a', pipelineSpec: tasks(task('b')) }), gate('pipelineSpec', 'alpha', 'beta')],
    [
      'a nested pipeline',
      tasks({ name: 'a', pipelineSpec: tasks(task('B')) }),
      lines('invalid value "B": spec.tasks[0].pipelineSpec.tasks[0].name', nameRule),
      alpha,
    ],
    [
      'inline specs, disabled',
      tasks(embedded('a', {}), { name: 'b', pipelineSpec: tasks(task('c')) }),
      'must not set the field(s): spec.tasks[0].taskSpec, spec.tasks[1].pipelineSpec',
      { ...alpha, 'disable-inline-spec': 'taskrun,pipeline' },
    ],
    [
      'steps of a type, which are not looked at',
      tasks({ name: 'a', taskSpec: { apiVersion: 'x/v1', kind: 'K', steps: [{}] } }),
      lines(
        'taskSpec.apiVersion cannot be specified when using taskSpec.steps: spec.tasks[0].taskSpec.apiVersion',
        'taskSpec.kind cannot be specified when using taskSpec.steps: spec.tasks[0].taskSpec.kind',
      ),
    ],
    [
      'custom tasks',
      tasks(
        { name: 'a', taskRef: { kind: 'K' } },
        { name: 'b', taskSpec: { apiVersion: 'v1' } },
        { name: 'c', taskRef: { apiVersion: 'x/y/z', kind: 'K' } },
      ),
      lines(
        'invalid value: custom task ref must specify apiVersion: spec.tasks[0].taskRef.apiVersion',
        'invalid value: custom task spec must specify kind: spec.tasks[1].taskSpec.kind',
        'invalid value: invalid apiVersion format "v1", must be in the format "group/version": spec.tasks[1].taskSpec.apiVersion',
        'invalid value: invalid apiVersion format "x/y/z", must be in the format "group/version": spec.tasks[2].taskRef.apiVersion',
      ),
    ],
    [
      'a custom task that looks like ours',
      tasks({ name: 'a', taskRef: { apiVersion: 'tekton.dev/v1beta1', kind: 'Task', name: 'not a name' } }),
      '',
    ],
    [
      'onError',
      tasks(task('a', { onError: 'x' })),
      lines('invalid value: x: spec.tasks[0].OnError', 'PipelineTask OnError must be either "continue" or "stopAndFail"'),
    ],
    [
      'onError with retries',
      tasks(task('a', { onError: 'continue', retries: 1 })),
      'PipelineTask OnError cannot be set to "continue" when Retries is greater than 0: ',
    ],
    ['onError, stable', tasks(task('a', { onError: 'continue' })), gate('OnError', 'beta', 'stable'), stable],
    ['onError of a param, stable', { ...tasks(task('a', { onError: '$(params.x)' })), params: [{ name: 'x' }] }, '', stable],
    [
      'remote tasks, stable',
      tasks({ name: 'a', taskRef: { resolver: 'git', params: [{ name: 'x', value: '' }] } }),
      lines(...['resolver params', 'resolver', 'taskref.params', 'taskref.resolver'].map((feature) => gate(feature, 'beta', 'stable'))),
      stable,
    ],
    [
      'what is wrong in an embedded task',
      { ...tasks(task('a')), finally: [{ name: 'b', taskSpec: {} }] },
      'missing field(s): spec.finally[0].taskSpec.steps',
    ],
    ['a reference', tasks({ name: 'a', taskRef: {} }), 'missing field(s): spec.tasks[0].taskRef.name'],
  ]);
});

describe('2.7 (4) the graph', () => {
  const message = (text: string): string => `invalid value: ${text}: spec.tasks`;
  // The line below upstream's words is ours: the whole circle.
  const circle = (text: string): string => `\neach of these waits for the next: ${text}`;
  rows([
    [
      'a cycle',
      tasks(task('c', { runAfter: ['b'] }), task('b', { runAfter: ['a', 'c'] }), task('a')),
      message('cycle detected; task "b" depends on "c"') + circle('"b" -> "c" -> "b"'),
    ],
    [
      'a cycle by results',
      tasks(task('a', p('$(tasks.b.results.r)')), task('b', { runAfter: ['a'] })),
      message('cycle detected; task "a" depends on "b"') + circle('"a" -> "b" -> "a"'),
    ],
    [
      'a task that is not there',
      tasks(task('a', { when: [{ input: '$(tasks.x.results.r)', operator: 'in', values: ['y'] }] })),
      message("couldn't add link between a and x: task a depends on x but x wasn't present in Pipeline"),
    ],
    [
      'an embedded task that is not there',
      tasks(embedded('a', { sidecars: [{ name: 's', image, script: '$(tasks.x.results.r)' }] })),
      message("couldn't add link between a and x: task a depends on x but x wasn't present in Pipeline"),
    ],
    ['a status makes no edge', { ...tasks(task('a')), finally: [task('f', p('$(tasks.a.status)'))] }, ''],
    [
      'a name twice',
      tasks(task('a'), task('a')),
      lines(
        'expected exactly one, got both: spec.tasks[1].name',
        message("task a is already present in Graph, can't add it again: duplicate pipeline task"),
      ),
    ],
  ]);
});

describe('2.7 (5) params', () => {
  rows([
    [
      'types, told for both lists',
      { ...tasks(task('a')), params: [{ name: 'x', type: 'y' }] },
      'invalid value: y: spec.finally.params.x.type, spec.tasks.params.x.type',
    ],
    [
      'a name twice',
      { ...tasks(task('a')), params: [{ name: 'x' }, { name: 'x' }] },
      'parameter appears more than once: spec.finally.params[x], spec.tasks.params[x]',
    ],
    ['names may be anything', { ...tasks(task('a')), params: [{ name: '1 2' }] }, ''],
    [
      'an enum, off',
      { ...tasks(task('a')), params: [{ name: 'x', enum: ['y'] }] },
      'feature flag `enable-param-enum` should be set to true to use Enum: spec.finally.params[x], spec.tasks.params[x]',
    ],
    [
      'given twice',
      tasks(
        task('a', {
          params: [
            { name: 'x', value: '' },
            { name: 'X', value: '' },
            { name: 'x', value: '' },
          ],
        }),
      ),
      'parameter names must be unique, the parameter "x" is also defined at: spec.tasks[0].params[2].name',
    ],
    ['undeclared', tasks(task('a', p('$(params.x)'))), 'non-existent variable in "$(params.x)": spec.tasks[0].params[p]'],
    [
      'undeclared, of a dotted name',
      tasks(task('a', p('$(params.x)', 'b.c'))),
      'non-existent variable in "$(params.x)": spec.tasks[0].params.[b.c]',
    ],
    [
      'undeclared in lists and maps',
      {
        ...tasks(
          task('a', {
            params: [
              { name: 'l', value: ['a', '$(params.x)'] },
              { name: 'm', value: { k: '$(params.y)' } },
            ],
          }),
        ),
        finally: [task('f', p('$(params.z)'))],
      },
      lines(
        'non-existent variable in "$(params.x)": spec.tasks[0].params[l].value[1]',
        'non-existent variable in "$(params.y)": spec.tasks[0].params[m].properties[k]',
        'non-existent variable in "$(params.z)": spec.finally[0].params[p]',
      ),
    ],
    [
      'undeclared in guards',
      tasks(task('a', { when: [{ input: '$(params.x)', operator: 'in', values: ['$(params.y)'] }] })),
      lines(
        'non-existent variable in "$(params.x)": spec.tasks[0].when[0].input',
        'non-existent variable in "$(params.y)": spec.tasks[0].when[0].values',
      ),
    ],
    [
      'arrays',
      {
        params: [{ name: 'l', type: 'array' }],
        ...tasks(
          task('a', {
            params: [
              { name: 'p', value: '$(params.l[*])' },
              { name: 'q', value: 'x $(params.l[*])' },
              { name: 'r', value: ['x $(params.l[*])', '$(params.l[*])'] },
            ],
            when: [{ input: '$(params.l[*])', operator: 'in', values: ['$(params.l[*])'] }],
          }),
        ),
      },
      lines(
        'variable is not properly isolated in "x $(params.l[*])": spec.tasks[0].params[r].value[0]',
        'variable type invalid in "$(params.l[*])": spec.tasks[0].when[0].input',
        'variable type invalid in "x $(params.l[*])": spec.tasks[0].params[q]',
      ),
    ],
    [
      'objects',
      {
        params: [{ name: 'o', properties: { k: {} } }],
        ...tasks(
          task('a', {
            params: [
              { name: 'p', value: '$(params.o[*])' },
              { name: 'q', value: '$(params.o)' },
              { name: 'r', value: '$(params.o.x)' },
            ],
          }),
        ),
      },
      lines(
        'non-existent variable in "$(params.o.x)": spec.tasks[0].params[r]',
        'variable type invalid in "$(params.o)": spec.tasks[0].params[q]',
      ),
    ],
    [
      'in a matrix',
      tasks(
        task('a', {
          matrix: {
            params: [{ name: 'm', value: ['$(params.x)'] }],
            include: [
              {
                name: 'i',
                params: [
                  { name: 'n', value: '1' },
                  { name: 'o', value: '$(params.y)' },
                ],
              },
            ],
          },
        }),
      ),
      lines(
        'non-existent variable in "$(params.x)": spec.tasks[0].matrix.params[m].value[0]',
        'non-existent variable in "$(params.y)": spec.tasks[0].matrix.include.params[1]',
      ),
    ],
    [
      'in embedded steps',
      tasks(embedded('a', { steps: [{ image, script: '$(params.x)' }] })),
      'non-existent variable in "$(params.x)": spec.tasks[0].steps[0].script',
    ],
    [
      'what is passed is not declared',
      tasks(embedded('a', { steps: [{ image, script: '$(params.x)' }] }, p('y', 'x'))),
      'non-existent variable in "$(params.x)": spec.tasks[0].steps[0].script',
    ],
    [
      'of the pipeline in embedded steps',
      { params: [{ name: 'x' }], ...tasks(embedded('a', { steps: [{ image, script: '$(params.x)' }] })) },
      '',
    ],
  ]);
});
