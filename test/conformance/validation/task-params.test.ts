import { describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../../src/resources/engine-config.ts';
import { lines, refusal, tekton } from '../../support/refusal.ts';

/** reference/pipelines.md 2.3 to 2.6, rule by rule: params, results and variables of Tasks and StepActions, in upstream's exact words. */

type Fields = Readonly<Record<string, unknown>>;
type Row = readonly [rule: string, spec: Fields, message: string, config?: Partial<EngineConfig>];

const image = 'busybox';
const task = (params: readonly Fields[], step: Fields = {}, more: Fields = {}): Fields => ({
  params,
  steps: [{ image, ...step }],
  ...more,
});

function rows(kind: 'Task' | 'StepAction', list: readonly Row[]): void {
  it.each(list.map((row) => [row[0], row] as const))('%s', (_, [, spec, message, config]) => {
    expect(refusal(tekton(kind, spec), config)).toBe(message);
  });
}

const nameRule =
  'String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)';
const objectRule =
  'Object Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_) \nMust begin with a letter or an underscore (_)';

describe('2.5 (8, 9) declarations of params', () => {
  rows('Task', [
    ['an unknown type', task([{ name: 'p', type: 'list' }]), 'invalid value: list: spec.params.p.type'],
    [
      'a default of another type, and nothing else of it',
      task([{ name: 'p', type: 'object', default: 'x', properties: { k: { type: 'number' } } }]),
      '"object" type does not match default value\'s type: "string": spec.params.p.default.type, spec.params.p.type',
    ],
    [
      'properties that are not text, whatever the type',
      task([{ name: 'p', type: 'string', properties: { b: { type: 'array' }, a: { type: 'x' } } }]),
      'The value type specified for these keys [a b] is invalid: spec.params.p.properties',
    ],
    ['a name twice', task([{ name: 'p' }, { name: 'p' }, { name: 'p' }]), 'parameter appears more than once: spec.params[p]'],
    ['names that differ in case', task([{ name: 'p' }, { name: 'P' }]), ''],
    ['a dotted name twice', task([{ name: 'a.b' }, { name: 'a.b' }]), 'parameter appears more than once: spec.params.[a.b]'],
    [
      'names',
      task([{ name: '1a' }, { name: 'b c', type: 'array' }, { name: 'a.b' }]),
      lines('The format of following array and string variable names is invalid: [1a b c]: spec.params', nameRule),
    ],
    [
      'names of objects and keys',
      task([
        { name: 'a.b', type: 'object', properties: { k: {} } },
        { name: 'o', type: 'object', properties: { 'x.y': {}, ok: {} } },
      ]),
      lines('Object param name and key name format is invalid: map[a.b:[] o:[x.y]]: spec.params', objectRule),
    ],
    ['an object without properties', task([{ name: 'o', type: 'object' }]), 'missing field(s): spec.o.properties'],
    [
      'an enum, off',
      task([{ name: 'p', enum: ['a'] }]),
      'feature flag `enable-param-enum` should be set to true to use Enum: spec.params[p]',
    ],
    [
      'enums',
      task([
        { name: 'p', enum: ['a', 'a'], default: 'b' },
        { name: 'q', type: 'array', enum: ['a'] },
        { name: 'r', enum: ['a'], default: '' },
      ]),
      lines(
        'enum can only be set with string type param: spec.params[q]',
        'param default value b not in the enum list: spec.params[p]',
        'parameter enum value a appears more than once: spec.params[p]',
      ),
      { 'enable-param-enum': true },
    ],
  ]);
});

describe('2.4, 2.5 (10 to 12) variables', () => {
  const list = { name: 'l', type: 'array' };
  const object = { name: 'o', type: 'object', properties: { k: {} } };
  rows('Task', [
    [
      'unknown',
      task([], { image: '$(params.a)', script: '$(params["b"])', args: ['$(params.c[*])'], env: [{ name: 'E', value: '$(params.d)' }] }),
      lines(
        'non-existent variable in "$(params.a)": spec.steps[0].image',
        'non-existent variable in "$(params.c[*])": spec.steps[0].args[0]',
        'non-existent variable in "$(params.d)": spec.steps[0].env[E]',
        'non-existent variable in "$(params[\\"b\\"])": spec.steps[0].script',
      ),
    ],
    [
      'unknown in mounts',
      task([], { volumeMounts: [{ name: '$(params.a)', mountPath: '/$(params.b)', subPath: '$(params.c)' }] }),
      lines(
        'non-existent variable in "$(params.a)": spec.steps[0].volumeMount[0].name',
        'non-existent variable in "$(params.c)": spec.steps[0].volumeMount[0].SubPath',
        'non-existent variable in "/$(params.b)": spec.steps[0].volumeMount[0].MountPath',
      ),
    ],
    ['what is no param', task([], { script: '$(date) $(HOME)' }), ''],
    [
      'too many parts',
      task([{ name: 'a' }], { script: '$(params.a.b.c)' }),
      'Invalid referencing of parameters in "$(params.a.b.c)"! Only two dot-separated components after the prefix "params" are allowed.: spec.steps[0].script',
    ],
    ['dotted names in brackets', task([{ name: 'a.b' }], { script: '$(params["a.b"]) $(params[\'a.b\'])' }), ''],
    [
      'arrays among text',
      task([list], { script: '$(params.l[*])', args: ['x $(params.l[*])', '$(params.l[*])'], workingDir: '$(params.l)' }),
      lines(
        'variable is not properly isolated in "x $(params.l[*])": spec.steps[0].args[0]',
        'variable type invalid in "$(params.l)": spec.steps[0].workingDir',
        'variable type invalid in "$(params.l[*])": spec.steps[0].script',
      ),
    ],
    ['elements of arrays', task([list], { script: '$(params.l[0])', args: ['x $(params.l[1])'] }), ''],
    [
      'a step before others is told behind them',
      { params: [list], steps: [{ image, script: '$(params.l)' }, { image }, { image }] },
      'variable type invalid in "$(params.l)": spec.steps[2].steps[1].steps[0].script',
    ],
    [
      'objects',
      task([object], { script: '$(params.o.k) $(params.o.x)', args: ['$(params.o[*])'] }),
      lines(
        'non-existent variable in "$(params.o.k) $(params.o.x)": spec.steps[0].script',
        'variable type invalid in "$(params.o[*])": spec.steps[0].args[0]',
      ),
    ],
    [
      'contexts',
      task([], { script: '$(context.taskRun.labels) $(context.task.retry-count)', args: ['$(context.task.x)'] }),
      lines(
        'non-existent variable in "$(context.task.x)": spec.steps[0].args[0]',
        'non-existent variable in "$(context.taskRun.labels) $(context.task.retry-count)": spec.steps[0].script',
      ),
    ],
    [
      'results in scripts alone',
      task([], { script: '$(results.r.path)', args: ['$(results.s.path)'] }),
      'non-existent variable in "$(results.r.path)": spec.steps[0].script',
    ],
    [
      'results of the step',
      task([], { script: '$(step.results.s.path)', results: [{ name: 'r' }] }),
      'non-existent variable in "$(step.results.s.path)": spec.steps[0].script',
    ],
    ['results of a step that has none', task([], { script: '$(step.results.s.path)' }), ''],
  ]);
});

const resultRule =
  "must consist of alphanumeric characters, '-', '_', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my-name',  or 'my_name', regex used for validation is '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')";

describe('2.5 (13) results', () => {
  const results = (...list: readonly Fields[]): Fields => task([], {}, { results: list });
  const ofStep = (...list: readonly Fields[]): Fields => ({ steps: [{ image }, { image, results: list }] });
  rows('Task', [
    [
      'a name, and nothing else of it',
      results({ name: '_a', type: 'x' }),
      lines('invalid key name "_a": spec.results[0].name', `Name ${resultRule}`),
    ],
    ['an unknown type', results({ name: 'a', type: 'x' }), lines('invalid value: x: spec.results[0].type', 'type must be string')],
    ['an object without properties', results({ name: 'a', type: 'object' }), 'missing field(s): spec.results[0].a.properties'],
    [
      'properties',
      results({ name: 'a', properties: { k: { type: 'array' } } }),
      'The value type specified for these keys [k] is invalid, the type must be string: spec.results[0].a.properties',
    ],
    ['the value of a list', results({ name: 'a', type: 'array', value: '$(steps.s.results.r)' }), ''],
    [
      'a value that is a list',
      results({ name: 'a', value: ['x'] }),
      'Invalid Type. Wanted string but got: "array": spec.results[0].a.type',
    ],
    [
      'a value that is text',
      results({ name: 'a', value: 'x' }),
      'Could not extract step name and result name. Expected value to look like $(steps.<stepName>.results.<resultName>) but got "x": spec.results[0].a.value',
    ],
    [
      'a value of bad names',
      results({ name: 'a', value: '$(steps.S.results._)' }),
      lines(
        'invalid extracted result name "_": spec.results[0].a.value',
        `resultName in $(steps.<stepName>.results.<resultName>) ${resultRule}`,
        'invalid extracted step name "S": spec.results[0].a.value',
        'stepName in $(steps.<stepName>.results.<resultName>) must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names',
      ),
    ],
    ['the name of a step’s', ofStep({ name: '_' }), lines('invalid key name "_": spec.steps.results[1][0].name', `Name ${resultRule}`)],
    [
      'the type of a step’s',
      ofStep({ name: 'a' }, { name: 'b', type: 'x' }),
      lines('invalid value: x: spec.steps.results[1][1].type', 'invalid type x'),
    ],
    [
      'the properties of a step’s',
      ofStep({ name: 'a', type: 'object' }, { name: 'b', properties: { k: { type: 'x' } } }),
      lines(
        'missing field(s): spec.steps.results[1][0].a.properties',
        'the value type specified for these keys [k] is invalid, the type must be string: spec.steps.results[1][1].b.properties',
      ),
    ],
  ]);
});

describe('2.6 StepActions', () => {
  rows('StepAction', [
    ['no image', {}, 'missing field(s): spec.Image'],
    ['script and command', { image, script: 'x', command: ['y'] }, 'script cannot be used with command: spec.script'],
    [
      'params in the script',
      { image, script: '$(params.a)', params: [{ name: 'a' }] },
      'param substitution in scripts is not allowed.: spec.script',
    ],
    [
      'unknown params',
      { image: '$(params.a)', command: ['$(params.b)'], env: [{ name: 'E', value: '$(params.c)' }], workingDir: '$(params.d)' },
      lines(
        'non-existent variable in "$(params.a)": spec.image',
        'non-existent variable in "$(params.b)": spec.command[0]',
        'non-existent variable in "$(params.c)": spec.env[E]',
      ),
    ],
    [
      'arrays and objects',
      {
        image: '$(params.l)',
        args: ['x $(params.l[*])', '$(params.o)'],
        params: [
          { name: 'l', type: 'array' },
          { name: 'o', type: 'object', properties: { k: {} } },
        ],
      },
      lines(
        'variable is not properly isolated in "x $(params.l[*])": spec.args[0]',
        'variable type invalid in "$(params.l)": spec.image',
        'variable type invalid in "$(params.o)": spec.args[1]',
      ),
    ],
    ['types', { image, params: [{ name: 'a', type: 'x' }] }, 'invalid value: x: spec.params.a.type'],
    ['a param twice', { image, params: [{ name: 'a' }, { name: 'a' }] }, 'parameter appears more than once: spec.params[a]'],
    ['an enum', { image, params: [{ name: 'a', enum: ['x'] }] }, ''],
    [
      'mounts that are not told by a param, the first alone',
      {
        image,
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'w', mountPath: '/w' },
        ],
      },
      lines('invalid value: v: spec.volumeMounts[0].name', 'expect the Name to be a single param reference'),
    ],
    [
      'mounts told by more than a param',
      {
        image,
        params: [{ name: 'a' }],
        volumeMounts: [
          { name: '$(params.a)', mountPath: '/v' },
          { name: '$(params.a)x', mountPath: '/w' },
        ],
      },
      lines('invalid value: $(params.a)x: spec.volumeMounts[1].name', 'expect the Name to be a single param reference'),
    ],
    [
      'mounts of an unknown param',
      { image, volumeMounts: [{ name: '$(params.a)', mountPath: '/v' }] },
      'non-existent variable in "$(params.a)": spec.volumeMounts[0]',
    ],
    [
      'results',
      { image, results: [{ name: '_' }, { name: 'b', type: 'x' }] },
      lines('invalid key name "_": spec.results[0].name', `Name ${resultRule}`, 'invalid value: x: spec.results[1].type', 'invalid type x'),
    ],
    [
      'results that are not declared',
      { image, script: '$(step.results.a.path) $(results.b.path)', results: [{ name: 'c' }] },
      'non-existent variable in "$(step.results.a.path) $(results.b.path)": spec.script',
    ],
  ]);
});
