import { describe, expect, it } from 'vitest';
import { defaultEngineConfig, type EngineConfig } from '../engine-config.ts';
import { renderFieldErrors } from '../field-error.ts';
import { defaultTaskSpec } from './defaults.ts';
import type { Step, TaskSpec } from './schema.ts';
import { validateTask, validateTaskSpec } from './validate.ts';

const validate = (spec: TaskSpec, config: Partial<EngineConfig> = {}): string =>
  renderFieldErrors(validateTaskSpec(defaultTaskSpec(spec, defaultEngineConfig), { ...defaultEngineConfig, ...config }));

const withStep = (step: Step): TaskSpec => ({ steps: [{ image: 'a', ...step }] });
const image = 'a';

describe('validateTaskSpec', () => {
  it.each<[string, TaskSpec]>([
    ['the least', { steps: [{ image }] }],
    ['an image from the template', { steps: [{ script: 'x' }], stepTemplate: { image } }],
    ['a StepAction', { steps: [{ ref: { name: 'x' }, params: [{ name: 'p', value: 'v' }] }] }],
    ['indexed array in a script', { params: [{ name: 'p', type: 'array' }], steps: [{ image, script: '$(params.p[0])' }] }],
    ['isolated array in args', { params: [{ name: 'p', type: 'array' }], steps: [{ image, args: ['$(params.p[*])', 'x'] }] }],
    ['shell substitution', withStep({ script: 'echo $(date) $(context.foo) ${HOME}' })],
    ['context variables', withStep({ script: '$(context.taskRun.uid) $(context.task.retry-count)' })],
    ['a declared result', { steps: [{ image, script: 'echo > $(results.r.path)' }], results: [{ name: 'r' }] }],
    ['a step result in args', withStep({ args: ['$(steps.x.results.y)'], onError: '$(params.x)' })],
    ['exit codes of other steps', withStep({ script: 'cat $(steps.step-x.exitCode.path)' })],
    ['undeclared params of an embedded spec', withStep({ script: '$(params.from-around)' })],
    ['a mount in the home', withStep({ volumeMounts: [{ name: 'v', mountPath: '/tekton/home/x' }] })],
  ])('admits %s', (_name, spec) => {
    expect(validate(spec)).toBe('');
  });

  it.each<[string, TaskSpec, string]>([
    ['no steps', {}, 'missing field(s): steps'],
    [
      'volumes of one name',
      { ...withStep({}), volumes: [{ name: 'v' }, { name: 'w' }, { name: 'v' }] },
      'multiple volumes with same name "v": volumes[2].name',
    ],
    [
      'workspaces of one name',
      { ...withStep({}), workspaces: [{ name: 'w' }, { name: 'w', mountPath: '/x' }] },
      'workspace name "w" must be unique: workspaces[1].name',
    ],
    [
      'workspaces in one place',
      {
        ...withStep({}),
        workspaces: [
          { name: 'a', mountPath: '/x/../y/' },
          { name: 'b', mountPath: '/y' },
        ],
      },
      'workspace mount path "/y" must be unique: workspaces[1].mountpath',
    ],
    [
      'a workspace over a mount',
      { ...withStep({ volumeMounts: [{ name: 'v', mountPath: '/workspace/a' }] }), workspaces: [{ name: 'a' }] },
      'workspace mount path "/workspace/a" must be unique: workspaces[0].mountpath',
    ],
    [
      'unknown isolated workspace',
      withStep({ workspaces: [{ name: 'w', mountPath: '/w' }] }),
      'undefined workspace "w": steps[0].workspaces[0].name',
    ],
    [
      'steps of one name',
      {
        steps: [
          { name: 's', image },
          { name: 's', image },
        ],
      },
      'expected exactly one, got both: steps[1].name',
    ],
    ['no image', { steps: [{ script: 'x' }] }, 'missing field(s): steps[0].Image'],
    ['script and command', withStep({ script: 'x', command: ['y'] }), 'script cannot be used with command: steps[0].script'],
    ['params without ref', withStep({ params: [{ name: 'p', value: 'v' }] }), 'params cannot be used without Ref: steps[0].params'],
    [
      'ref and all else',
      {
        steps: [
          {
            ref: { name: 'x' },
            image,
            command: ['a'],
            args: ['a'],
            script: 'a',
            workingDir: 'a',
            env: [{ name: 'a' }],
            volumeMounts: [{ name: 'a', mountPath: '/a' }],
            results: [{ name: 'a' }],
          },
        ],
      },
      [
        'args cannot be used with Ref: steps[0].args',
        'command cannot be used with Ref: steps[0].command',
        'env cannot be used with Ref: steps[0].env',
        'image cannot be used with Ref: steps[0].image',
        'results cannot be used with Ref: steps[0].results',
        'script cannot be used with Ref: steps[0].script',
        'volumeMounts cannot be used with Ref: steps[0].volumeMounts',
        'working dir cannot be used with Ref: steps[0].workingDir',
      ].join('\n'),
    ],
    ['a negative timeout', withStep({ timeout: '-1s' }), 'invalid value: -1s: steps[0].negative timeout'],
    [
      'a mount where the engine lives',
      withStep({ volumeMounts: [{ name: 'tekton-internal-x', mountPath: '/tekton/results' }] }),
      'volumeMount cannot be mounted under /tekton/ (volumeMount "tekton-internal-x" mounted at "/tekton/results"): steps[0].volumeMounts[0].mountPath\n' +
        'volumeMount name "tekton-internal-x" cannot start with "tekton-internal-": steps[0].volumeMounts[0].name',
    ],
    [
      'unknown onError',
      withStep({ onError: 'retry' }),
      'invalid value: "retry": steps[0].onError\nTask step onError must be either "continue" or "stopAndFail"',
    ],
    [
      'step result in a script',
      withStep({ script: '$(steps.a.results.b)' }),
      'stepResult substitutions are only allowed in env, command and args. Found usage in: steps[0].script',
    ],
    [
      'step result in the image',
      { steps: [{ image: '$(steps.a.results.b)' }] },
      'stepResult substitutions are only allowed in env, command and args. Found usage in: steps[0].image',
    ],
    [
      'array in a script',
      { params: [{ name: 'p', type: 'array' }], steps: [{ image, script: '$(params.p[*])' }] },
      'variable type invalid in "$(params.p[*])": steps[0].script',
    ],
    [
      'array with neighbours',
      { params: [{ name: 'p', type: 'array' }], steps: [{ image, args: ['x $(params.p[*])'] }] },
      'variable is not properly isolated in "x $(params.p[*])": steps[0].args[0]',
    ],
    [
      'array in the environment',
      { params: [{ name: 'p', type: 'array' }], steps: [{ image, env: [{ name: 'E', value: '$(params.p)' }] }] },
      'variable type invalid in "$(params.p)": steps[0].env[E]',
    ],
    [
      'unknown context',
      withStep({ script: '$(context.taskRun.labels)' }),
      'non-existent variable in "$(context.taskRun.labels)": steps[0].script',
    ],
    ['undeclared result', withStep({ script: '$(results.r.path)' }), 'non-existent variable in "$(results.r.path)": steps[0].script'],
    [
      'reserved sidecar',
      { ...withStep({}), sidecars: [{ name: 'tekton-log-results', image }] },
      'Invalid: cannot use reserved sidecar name tekton-log-results : sidecars.name',
    ],
    ['sidecar without image', { ...withStep({}), sidecars: [{ script: 'x' }] }, 'missing field(s): sidecars.image'],
    ['unknown param type', { ...withStep({}), params: [{ name: 'p', type: 'number' }] }, 'invalid value: number: params.p.type'],
    [
      'default of another type',
      { ...withStep({}), params: [{ name: 'p', type: 'array', default: 'x' }] },
      '"array" type does not match default value\'s type: "string": params.p.default.type, params.p.type',
    ],
    [
      'properties that are no strings',
      { ...withStep({}), params: [{ name: 'p', type: 'object', properties: { b: { type: 'array' }, a: { type: 'number' }, c: {} } }] },
      'The value type specified for these keys [a b] is invalid: params.p.properties',
    ],
    ['params of one name', { ...withStep({}), params: [{ name: 'p' }, { name: 'p' }] }, 'parameter appears more than once: params[p]'],
    [
      'bad param names',
      { ...withStep({}), params: [{ name: '1st' }, { name: 'a b', default: ['x'] }, { name: 'o.x', properties: { 'k.1': {} } }] },
      'Object param name and key name format is invalid: map[o.x:[k.1]]: params\n' +
        'Object Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_) \nMust begin with a letter or an underscore (_)\n' +
        'The format of following array and string variable names is invalid: [1st a b]: params\n' +
        'String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)',
    ],
    [
      'enum without its flag',
      { ...withStep({}), params: [{ name: 'p', enum: ['a', 'a'], default: 'b' }] },
      [
        'feature flag `enable-param-enum` should be set to true to use Enum: params[p]',
        'param default value b not in the enum list: params[p]',
        'parameter enum value a appears more than once: params[p]',
      ].join('\n'),
    ],
    [
      'unknown result type',
      { ...withStep({}), results: [{ name: 'r', type: 'number' }] },
      'invalid value: number: results[0].type\ntype must be string',
    ],
    [
      'object result without keys',
      { ...withStep({}), results: [{ name: 'r', type: 'object' }] },
      'missing field(s): results[0].r.properties',
    ],
    [
      'result from nowhere',
      { ...withStep({}), results: [{ name: 'r', value: 'x' }] },
      'Could not extract step name and result name. Expected value to look like $(steps.<stepName>.results.<resultName>) but got "x": results[0].r.value',
    ],
    ['when without anything', withStep({ when: [{}] }), 'missing field(s): steps[0].when[0]'],
    [
      'when of another operator',
      withStep({ when: [{ input: 'a', operator: 'is', values: ['a'] }] }),
      'invalid value: operator "is" is not recognized. valid operators: in,notin: steps[0].when[0]',
    ],
    [
      'when without values',
      withStep({ when: [{ input: 'a', operator: 'in' }] }),
      'invalid value: expecting non-empty values field: steps[0].when[0]',
    ],
    [
      'CEL without its flag',
      withStep({ when: [{ cel: '1 == 1' }] }),
      'feature flag enable-cel-in-whenexpression should be set to true to use CEL: 1 == 1 in WhenExpression: steps[0].when[0]',
    ],
    [
      'output files',
      withStep({ stdoutConfig: { path: '/x' } }),
      'step stdout stream support requires "enable-api-fields" feature gate to be "alpha" but it is "beta": ',
    ],
    [
      'windows scripts',
      withStep({ script: '\n#!win pwsh' }),
      'windows script support requires "enable-api-fields" feature gate to be "alpha" but it is "beta": ',
    ],
    [
      'artifacts',
      withStep({ script: 'cat $(artifacts.path)' }),
      'feature flag enable-artifacts should be set to true to use artifacts feature.: steps[0]',
    ],
    ['a reference to nothing', { steps: [{ ref: {} }] }, 'missing field(s): steps[0].name'],
    [
      'name and resolver params',
      { steps: [{ ref: { name: 'x', params: [] } }] },
      'expected exactly one, got both: steps[0].name, steps[0].params\nmissing field(s): steps[0].resolver',
    ],
    [
      'resolver params twice',
      {
        steps: [
          {
            ref: {
              resolver: 'git',
              params: [
                { name: 'a', value: '' },
                { name: 'A', value: '' },
              ],
            },
          },
        ],
      },
      'expected exactly one, got both: steps[0][A].name',
    ],
    ['resolver and name', { steps: [{ ref: { resolver: 'git', name: 'x' } }] }, 'invalid value: invalid URI for request: steps[0].name'],
    [
      'a URL',
      { steps: [{ ref: { name: 'git://x' } }] },
      'feature flag enable-concise-resolver-syntax should be set to true to use concise resolver syntax: steps[0]\nmissing field(s): steps[0].resolver',
    ],
  ])('refuses %s', (_name, spec, errors) => {
    expect(validate(spec)).toBe(errors);
  });

  it.each<[string, TaskSpec, Partial<EngineConfig>, string]>([
    [
      'stable',
      { ...withStep({ workspaces: [{ name: 'w', mountPath: '/w' }] }), workspaces: [{ name: 'w' }] },
      { 'enable-api-fields': 'stable' },
      'step workspaces requires "enable-api-fields" feature gate to be "alpha" or "beta" but it is "stable": ',
    ],
    [
      'stable',
      { steps: [{ ref: { resolver: 'git' } }] },
      { 'enable-api-fields': 'stable' },
      'resolver requires "enable-api-fields" feature gate to be "alpha" or "beta" but it is "stable": ',
    ],
    ['alpha', withStep({ stdoutConfig: { path: '/x' }, script: '#!win' }), { 'enable-api-fields': 'alpha' }, ''],
    ['CEL on', withStep({ when: [{ cel: "'$(params.x)' == 'y'" }] }), { 'enable-cel-in-whenexpression': true }, ''],
    [
      'CEL and values',
      withStep({ when: [{ cel: 'true', operator: 'in' }] }),
      { 'enable-cel-in-whenexpression': true },
      'cel and input+operator+values cannot be set in one WhenExpression: &{ in [] true}: ',
    ],
    ['artifacts on', withStep({ script: 'cat $(artifacts.path)' }), { 'enable-artifacts': true }, ''],
    ['enum on', { ...withStep({}), params: [{ name: 'p', enum: ['a'], default: 'a' }] }, { 'enable-param-enum': true }, ''],
  ])('with %s', (_name, spec, config, errors) => {
    expect(validate(spec, config)).toBe(errors);
  });

  it('says where a CEL text is wrong', () => {
    const errors = validate(withStep({ when: [{ cel: 'a ==' }] }), { 'enable-cel-in-whenexpression': true });
    expect(errors).toMatch(/^invalid cel expression: a ==: steps\[0\]\.when\[0\]\nERROR: <input>:1:/);
  });
});

describe('validateTask: a standalone Task declares what it uses', () => {
  const errorsOf = (spec: TaskSpec): string => {
    const task = {
      apiVersion: 'tekton.dev/v1' as const,
      kind: 'Task' as const,
      metadata: { name: 't' },
      spec: defaultTaskSpec(spec, defaultEngineConfig),
    };
    return renderFieldErrors(validateTask(task, defaultEngineConfig));
  };

  it.each<[string, TaskSpec, string]>([
    ['undeclared', withStep({ script: '$(params.x)' }), 'non-existent variable in "$(params.x)": spec.steps[0].script'],
    [
      'declared, in all spellings',
      { ...withStep({ script: `$(params.a.b) $(params['a.b']) $(params["a.b"])` }), params: [{ name: 'a.b' }, { name: 'a' }] },
      '',
    ],
    [
      'an unknown key',
      { ...withStep({ args: ['$(params.o.x)'] }), params: [{ name: 'o', properties: { k: {} } }] },
      'non-existent variable in "$(params.o.x)": spec.steps[0].args[0]',
    ],
    [
      'a whole object',
      { ...withStep({ args: ['$(params.o[*])'] }), params: [{ name: 'o', properties: { k: {} } }] },
      'variable type invalid in "$(params.o[*])": spec.steps[0].args[0]',
    ],
    ['an object without keys', { ...withStep({}), params: [{ name: 'o', type: 'object' }] }, 'missing field(s): spec.o.properties'],
    [
      'in a mount',
      withStep({ volumeMounts: [{ name: '$(params.v)', mountPath: '/x' }] }),
      'non-existent variable in "$(params.v)": spec.steps[0].volumeMount[0].name',
    ],
    [
      'too many dots',
      withStep({ image: '$(params.a.b.c)' }),
      'Invalid referencing of parameters in "$(params.a.b.c)"! Only two dot-separated components after the prefix "params" are allowed.: spec.steps[0].image',
    ],
  ])('%s', (_name, spec, errors) => {
    expect(errorsOf(spec)).toBe(errors);
  });
});
