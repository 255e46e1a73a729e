import { describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../../src/resources/engine-config.ts';
import { gate, lines, refusal, tekton } from '../../support/refusal.ts';

/** reference/pipelines.md 2.2 to 2.5 and 2.8, rule by rule: a Task, and upstream's exact words about it. */

type Fields = Readonly<Record<string, unknown>>;
type Row = readonly [rule: string, spec: Fields, message: string, config?: Partial<EngineConfig>];

const image = 'busybox';
const step = (more: Fields = {}): Fields => ({ image, ...more });
const steps = (...list: readonly Fields[]): Fields => ({ steps: list });
const withStep = (more: Fields, spec: Fields = {}): Fields => ({ ...spec, steps: [step(more)] });

function rows(list: readonly Row[]): void {
  it.each(list.map((row) => [row[0], row] as const))('%s', (_, [, spec, message, config]) => {
    expect(refusal(tekton('Task', spec), config)).toBe(message);
  });
}

describe('2.2 metadata', () => {
  it.each([
    ['Upper', 'invalid resource name "Upper": must be a valid DNS label: metadata.name'],
    ['a_b', 'invalid resource name "a_b": must be a valid DNS label: metadata.name'],
    ['a.b-c', ''],
    ['a'.repeat(63), ''],
    ['a'.repeat(64), 'Invalid resource name: length must be no more than 63 characters: metadata.name'],
  ])('%s', (name, message) => {
    expect(refusal(tekton('Task', steps(step()), { name }))).toBe(message);
  });
});

const stepNameRule =
  'Task step name must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names';

describe('2.5 steps', () => {
  rows([
    ['none', {}, 'missing field(s): spec.steps'],
    ['an empty list', steps(), 'missing field(s): spec.steps'],
    ['names twice', steps(step({ name: 'a' }), step({ name: 'a' })), 'expected exactly one, got both: spec.steps[1].name'],
    ['no image', steps({}), 'missing field(s): spec.steps[0].Image'],
    ['the image of the template', { steps: [{}], stepTemplate: { image } }, ''],
    ['a name that is no label', withStep({ name: 'a.b' }), lines('invalid value "a.b": spec.steps[0].name', stepNameRule)],
    ['script and command', withStep({ script: 'x', command: ['y'] }), 'script cannot be used with command: spec.steps[0].script'],
    ['script and args', withStep({ script: 'x', args: ['y'] }), ''],
    ['a negative timeout alone', withStep({ timeout: '-1s', name: 'A' }), 'invalid value: -1s: spec.steps[0].negative timeout'],
    ['params without ref', withStep({ params: [{ name: 'a', value: '' }] }), 'params cannot be used without Ref: spec.steps[0].params'],
    [
      'onError',
      withStep({ onError: 'x' }),
      lines('invalid value: "x": spec.steps[0].onError', 'Task step onError must be either "continue" or "stopAndFail"'),
    ],
    ['onError of a param', withStep({ onError: '$(params.x)' }, { params: [{ name: 'x' }] }), ''],
    ['onError of an unknown param', withStep({ onError: '$(params.x)' }), 'non-existent variable in "$(params.x)": spec.steps[0].onError'],
    [
      'mounts under /tekton',
      withStep({
        volumeMounts: [
          { name: 'tekton-internal-x', mountPath: '/a/../tekton/x' },
          { name: 'b', mountPath: '/tekton/home/b' },
        ],
      }),
      lines(
        'volumeMount cannot be mounted under /tekton/ (volumeMount "tekton-internal-x" mounted at "/a/../tekton/x"): spec.steps[0].volumeMounts[0].mountPath',
        'volumeMount name "tekton-internal-x" cannot start with "tekton-internal-": spec.steps[0].volumeMounts[0].name',
      ),
    ],
    ['windows', withStep({ script: ' \n#!win pwsh' }), gate('windows script support', 'alpha', 'beta')],
    [
      'copies of the output',
      withStep({ stdoutConfig: { path: 'a' }, stderrConfig: { path: 'b' } }),
      lines(gate('step stderr stream support', 'alpha', 'beta'), gate('step stdout stream support', 'alpha', 'beta')),
    ],
    ['copies of the output, alpha', withStep({ stdoutConfig: { path: 'a' } }), '', { 'enable-api-fields': 'alpha' }],
    [
      'artifacts, and nothing else is told',
      withStep({ name: 'A', args: ['$(step.artifacts.path)'] }),
      'feature flag enable-artifacts should be set to true to use artifacts feature.: spec.steps[0]',
    ],
    [
      'artifacts of a step',
      withStep({ env: [{ name: 'A', value: '$(steps.s.outputs.o)' }] }),
      'feature flag enable-artifacts should be set to true to use artifacts feature.: spec.steps[0]',
    ],
    [
      'results of steps in other fields',
      withStep({
        script: '$(steps.a.results.r)',
        workingDir: '$(steps.a.results.r)',
        envFrom: [{ prefix: '$(steps.a.results.r)' }],
        args: ['$(steps.a.results.r)'],
      }),
      'stepResult substitutions are only allowed in env, command and args. Found usage in: spec.steps[0].envFrom.prefix, spec.steps[0].script, spec.steps[0].workingDir',
    ],
    [
      'artifacts of steps in other fields',
      withStep({ script: '$(steps.a.outputs.r)', workingDir: '$(steps.a.outputs.r)' }),
      'stepArtifact substitutions are only allowed in env, command, args and script. Found usage in: spec.steps[0].workingDir',
      { 'enable-artifacts': true },
    ],
    [
      'with a reference',
      steps({
        ref: { name: 'a' },
        image,
        command: ['a'],
        args: ['b'],
        script: 'c',
        workingDir: '/d',
        env: [],
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        results: [{ name: 'r' }],
      }),
      lines(
        'args cannot be used with Ref: spec.steps[0].args',
        'command cannot be used with Ref: spec.steps[0].command',
        'env cannot be used with Ref: spec.steps[0].env',
        'image cannot be used with Ref: spec.steps[0].image',
        'results cannot be used with Ref: spec.steps[0].results',
        'script cannot be used with Ref: spec.steps[0].script',
        'volumeMounts cannot be used with Ref: spec.steps[0].volumeMounts',
        'working dir cannot be used with Ref: spec.steps[0].workingDir',
      ),
    ],
    [
      'params of a reference, one name twice',
      steps({
        ref: { name: 'a' },
        params: [
          { name: 'p', value: '' },
          { name: 'p', value: '' },
        ],
      }),
      '',
    ],
  ]);
});

const qualified =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const syntax = 'feature flag enable-concise-resolver-syntax should be set to true to use concise resolver syntax: spec.steps[0]';

describe('2.5 references', () => {
  const ref = (more: Fields): Fields => steps({ ref: more });
  rows([
    ['to nothing', ref({}), 'missing field(s): spec.steps[0].name'],
    ['to nothing, with a default resolver', ref({}), '', { 'default-resolver-type': 'git' }],
    ['a name', ref({ name: 'a' }), ''],
    ['a name with a prefix', ref({ name: 'example.com/Name' }), ''],
    ['a name of bad characters', ref({ name: 'a b' }), `invalid value: name part ${qualified}: spec.steps[0].name`],
    ['a long name', ref({ name: 'a'.repeat(64) }), 'invalid value: name part must be no more than 63 bytes: spec.steps[0].name'],
    [
      'an empty name behind a prefix',
      ref({ name: 'a/' }),
      `invalid value: name part must be non-empty,name part ${qualified}: spec.steps[0].name`,
    ],
    ['an empty prefix', ref({ name: '/a' }), 'invalid value: prefix part must be non-empty: spec.steps[0].name'],
    ['a bad prefix', ref({ name: 'A/a' }), `invalid value: prefix part ${subdomain}: spec.steps[0].name`],
    [
      'two slashes',
      ref({ name: 'a/b/c' }),
      `invalid value: a valid label key ${qualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName'): spec.steps[0].name`,
    ],
    ['an address', ref({ name: 'https://x' }), lines(syntax, 'missing field(s): spec.steps[0].resolver')],
    [
      'an address, concise',
      ref({ name: 'https://x' }),
      'missing field(s): spec.steps[0].resolver',
      { 'enable-concise-resolver-syntax': true },
    ],
    ['an address for a resolver', ref({ name: 'https://x', resolver: 'http' }), syntax],
    ['an address for a resolver, concise', ref({ name: 'https://x', resolver: 'http' }), '', { 'enable-concise-resolver-syntax': true }],
    ['a name for a resolver', ref({ name: 'x', resolver: 'http' }), 'invalid value: invalid URI for request: spec.steps[0].name'],
    [
      'a name and params',
      ref({ name: 'x', params: [] }),
      lines('expected exactly one, got both: spec.steps[0].name, spec.steps[0].params', 'missing field(s): spec.steps[0].resolver'),
    ],
    [
      'params twice, whatever the case',
      ref({ resolver: 'git', params: ['a', 'b', 'A', 'a'].map((name) => ({ name, value: '' })) }),
      'expected exactly one, got both: spec.steps[0][A].name, spec.steps[0][a].name',
    ],
    [
      'a resolver, stable',
      ref({ resolver: 'git', params: [] }),
      lines(gate('resolver params', 'beta', 'stable'), gate('resolver', 'beta', 'stable')),
      { 'enable-api-fields': 'stable' },
    ],
  ]);
});

describe('2.5 volumes, workspaces, sidecars', () => {
  rows([
    [
      'volumes twice',
      {
        ...steps(step()),
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'v', emptyDir: {} },
        ],
      },
      'multiple volumes with same name "v": spec.volumes[1].name',
    ],
    [
      'workspaces twice',
      { ...steps(step()), workspaces: [{ name: 'w' }, { name: 'w', mountPath: '/other' }] },
      'workspace name "w" must be unique: spec.workspaces[1].name',
    ],
    [
      'mount paths twice',
      {
        ...steps(step({ volumeMounts: [{ name: 'v', mountPath: '/workspace/a/' }] })),
        workspaces: [{ name: 'a' }, { name: 'b', mountPath: '/c' }, { name: 'd', mountPath: '/x/../c' }],
      },
      lines(
        'workspace mount path "/c" must be unique: spec.workspaces[2].mountpath',
        'workspace mount path "/workspace/a" must be unique: spec.workspaces[0].mountpath',
      ),
    ],
    [
      'the mount path of the template',
      { ...steps(step()), stepTemplate: { volumeMounts: [{ name: 'v', mountPath: '/workspace/a' }] }, workspaces: [{ name: 'a' }] },
      'workspace mount path "/workspace/a" must be unique: spec.workspaces[0].mountpath',
    ],
    [
      'isolated, unknown',
      {
        ...withStep({ workspaces: [{ name: 'w', mountPath: '/w' }] }),
        sidecars: [{ name: 's', image, workspaces: [{ name: 'v', mountPath: '/v' }] }],
      },
      lines('undefined workspace "v": spec.sidecars[0].workspaces[0].name', 'undefined workspace "w": spec.steps[0].workspaces[0].name'),
    ],
    [
      'isolated, stable',
      {
        workspaces: [{ name: 'w' }],
        ...withStep({ workspaces: [{ name: 'w', mountPath: '/w' }] }),
        sidecars: [{ name: 's', image, workspaces: [{ name: 'w', mountPath: '/v' }] }],
      },
      lines(gate('sidecar workspaces', 'beta', 'stable'), gate('step workspaces', 'beta', 'stable')),
      { 'enable-api-fields': 'stable' },
    ],
    ['isolated, an empty list, stable', withStep({ workspaces: [] }), '', { 'enable-api-fields': 'stable' }],
    [
      'a reserved sidecar',
      { ...steps(step()), sidecars: [{ name: 'tekton-log-results', image }] },
      'Invalid: cannot use reserved sidecar name tekton-log-results : spec.sidecars.name',
    ],
    [
      'a sidecar without image',
      { ...steps(step()), sidecars: [{ name: 'a', image }, { name: 'b' }] },
      'missing field(s): spec.sidecars.image',
    ],
    [
      'a sidecar with script and command',
      { ...steps(step()), sidecars: [{ name: 'a', image, script: 'x', command: ['y'] }] },
      'script cannot be used with command: spec.sidecars.script',
    ],
  ]);
});

describe('2.8 guards of steps', () => {
  const when = (guard: Fields): Fields => withStep({ when: [{ input: 'a', operator: 'in', values: ['a'] }, guard] });
  rows([
    ['nothing', when({}), 'missing field(s): spec.steps[0].when[1]'],
    [
      'an unknown operator',
      when({ input: 'a', operator: 'is', values: ['a'] }),
      'invalid value: operator "is" is not recognized. valid operators: in,notin: spec.steps[0].when[1]',
    ],
    ['no values', when({ input: 'a', operator: 'notin' }), 'invalid value: expecting non-empty values field: spec.steps[0].when[1]'],
    [
      'CEL, off',
      when({ cel: 'true' }),
      'feature flag enable-cel-in-whenexpression should be set to true to use CEL: true in WhenExpression: spec.steps[0].when[1]',
    ],
    [
      'CEL and the rest',
      when({ cel: 'true', input: 'a', operator: 'in', values: ['b', 'c'] }),
      'cel and input+operator+values cannot be set in one WhenExpression: &{a in [b c] true}: ',
      { 'enable-cel-in-whenexpression': true },
    ],
    ['CEL with variables in quotes', when({ cel: "'$(params.x)' == 'y'" }), '', { 'enable-cel-in-whenexpression': true }],
  ]);
});
