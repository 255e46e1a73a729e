import { describe, expect, it } from 'vitest';
import type { Param } from '../resources/params.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { StepAction, StepActionSpec } from '../resources/step-action/schema.ts';
import type { Step, TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { type InlinedSteps, inlineStepActions } from './step-actions.ts';

function inline(action: StepActionSpec, step: Step, task: TaskSpec = {}, params: Param[] = []): InlinedSteps {
  const taskRun: TaskRun = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'run' }, spec: { params } };
  const object = { apiVersion: 'tekton.dev/v1beta1' as const, kind: 'StepAction' as const, metadata: { name: 'act' }, spec: action };
  return inlineStepActions({ ...task, steps: [{ ...step, ref: { name: 'act' } }] }, taskRun, new Map([['act', { type: 'found', object }]]));
}

function inlined(...args: Parameters<typeof inline>): Step | undefined {
  const result = inline(...args);
  if (result.type !== 'inlined') throw new Error(JSON.stringify(result));
  return result.spec.steps?.[0];
}

describe('inlineStepActions', () => {
  it("takes the container from the StepAction and keeps what is the step's", () => {
    const step: Step = {
      name: 'do',
      timeout: '1m0s',
      onError: 'continue',
      computeResources: { limits: { cpu: '1' } },
      envFrom: [{ prefix: 'X' }],
      when: [{ input: 'a', operator: 'in', values: ['a'] }],
      securityContext: { privileged: true },
      workingDir: '/lost',
    };
    const action: StepActionSpec = {
      description: 'd',
      image: 'img',
      script: 'run',
      env: [{ name: 'A', value: 'x' }],
      results: [{ name: 'r', type: 'string' }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    };
    expect(inlined(action, step)).toStrictEqual({
      name: 'do',
      timeout: '1m0s',
      onError: 'continue',
      computeResources: { limits: { cpu: '1' } },
      envFrom: [{ prefix: 'X' }],
      when: [{ input: 'a', operator: 'in', values: ['a'] }],
      image: 'img',
      script: 'run',
      env: [{ name: 'A', value: 'x' }],
      results: [{ name: 'r', type: 'string' }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    });
  });

  it('merges object params key by key on every level', () => {
    const keys = { k1: { type: 'string' }, k2: { type: 'string' }, k3: { type: 'string' }, k4: { type: 'string' } };
    const step = inlined(
      {
        image: 'i',
        args: ['$(params.o.k1) $(params.o.k2) $(params.o.k3)'],
        params: [{ name: 'o', type: 'object', properties: keys, default: { k1: 'action', k2: 'action', k3: 'action' } }],
      },
      { params: [{ name: 'o', value: '$(params.t[*])' }] },
      { params: [{ name: 't', type: 'object', default: { k2: 'task', k3: 'task' } }] },
      [{ name: 't', value: { k3: 'run' } }],
    );
    expect(step?.args).toEqual(['action task run']);
  });

  it('resolves defaults that refer to other params, in any order, also to values', () => {
    const step = inlined(
      {
        image: 'i',
        args: ['$(params.a)', '$(params.list[*])'],
        params: [
          { name: 'a', type: 'string', default: 'a:$(params.b)' },
          { name: 'b', type: 'string', default: 'b:$(params.c)' },
          { name: 'c', type: 'string', default: 'unused' },
          { name: 'list', type: 'array', default: ['x', '$(params.c)'] },
        ],
      },
      { params: [{ name: 'c', value: 'given' }] },
    );
    expect(step?.args).toEqual(['a:b:given', 'x', 'given']);
  });

  it("turns params that are a step's results into references to their parts", () => {
    const step = inlined(
      {
        image: 'i',
        args: ['$(params.list[*])', '$(params.list[1])', '$(params.map.k)', '$(params["list"][0])'],
        env: [{ name: 'T', value: '$(params.text)' }],
        params: [
          { name: 'list', type: 'array' },
          { name: 'map', type: 'object', properties: { k: { type: 'string' } } },
          { name: 'text', type: 'string' },
        ],
      },
      {
        params: [
          { name: 'list', value: '$(steps.s.results.l[*])' },
          { name: 'map', value: '$(steps.s.results.m[*])' },
          { name: 'text', value: '$(steps.s.results.t)' },
        ],
      },
    );
    expect(step?.args).toEqual(['$(steps.s.results.l[*])', '$(steps.s.results.l[1])', '$(steps.s.results.m.k)', '$(steps.s.results.l[0])']);
    expect(step?.env).toEqual([{ name: 'T', value: '$(steps.s.results.t)' }]);
  });

  const prefix = 'failed to resolve step ref for step "do" (index 0): ';
  it.each<[string, StepActionSpec, Param[]]>([
    [
      'extra params passed by Step to StepAction: [x y]',
      { image: 'i' },
      [
        { name: 'x', value: '' },
        { name: 'y', value: '' },
      ],
    ],
    ['non-existent params in Step: [p]', { image: 'i', params: [{ name: 'p', type: 'string' }] }, []],
    ['parameter "p" references non-existent parameter "q"', { params: [{ name: 'p', default: '$(params.q)' }] }, []],
    [
      'circular dependency detected in parameter references',
      {
        params: [
          { name: 'p', default: '$(params.q)' },
          { name: 'q', default: '$(params.p)' },
        ],
      },
      [],
    ],
    [
      'invalid parameter substitution: p. Please check the types of the default value and the passed value',
      { params: [{ name: 'p', type: 'array', default: ['a'] }] },
      [{ name: 'p', value: 'text' }],
    ],
  ])('refuses: %s', (message, action, params) => {
    expect(inline(action, { name: 'do', params })).toEqual({ type: 'failed', message: prefix + message });
  });

  it('waits for a StepAction, fails without one, and leaves other steps alone', () => {
    const taskRun: TaskRun = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'run' }, spec: {} };
    const spec: TaskSpec = { steps: [{ name: 'do', ref: { name: 'act' } }] };
    expect(inlineStepActions(spec, taskRun, new Map())).toEqual({ type: 'pending' });
    expect(inlineStepActions(spec, taskRun, new Map([['act', { type: 'pending' }]]))).toEqual({ type: 'pending' });
    const message = 'stepactions.tekton.dev "act" not found';
    expect(inlineStepActions(spec, taskRun, new Map([['act', { type: 'missing', message }]]))).toEqual({
      type: 'failed',
      message: prefix + message,
    });
    const plain: TaskSpec = { steps: [{ image: 'a', args: ['$(params.x)'] }] };
    expect(inlineStepActions(plain, taskRun, new Map())).toEqual({ type: 'inlined', spec: plain, sources: new Map() });
  });

  it('tells where each fetched StepAction is from, and does not wait for others when one is not to be had', () => {
    const taskRun: TaskRun = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'run' }, spec: {} };
    const ref = (url: string) => ({ resolver: 'http', params: [{ name: 'url', value: url }] });
    const spec: TaskSpec = { steps: [{ ref: ref('a') }, { image: 'plain' }, { ref: ref('b') }] };
    const key = (url: string) => `http:["",[{"name":"url","value":"${url}"}]]`;
    const object = { apiVersion: 'tekton.dev/v1beta1' as const, kind: 'StepAction' as const, metadata: {}, spec: { image: 'i' } };
    const refSource = { uri: 'https://b', digest: { sha256: 'b' } };
    const found = { type: 'found', object, refSource } as const;
    const resolve = (...actions: [string, Resolved<StepAction>][]) => inlineStepActions(spec, taskRun, new Map(actions));
    expect(resolve([key('a'), { type: 'found', object }], [key('b'), found])).toEqual({
      type: 'inlined',
      spec: { steps: [{ image: 'i' }, { image: 'plain' }, { image: 'i' }] },
      sources: new Map([[2, refSource]]),
    });
    expect(resolve([key('b'), found])).toEqual({ type: 'pending' });
    const second = 'failed to resolve step ref for step "" (index 2): ';
    expect(resolve([key('b'), { type: 'missing', message: 'no' }])).toEqual({ type: 'failed', message: `${second}no` });
    expect(resolve([key('b'), { type: 'invalid', message: 'bad' }])).toEqual({ type: 'invalid', message: `${second}bad` });
  });
});
