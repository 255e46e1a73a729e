import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunSpec } from '../resources/task-run/schema.ts';
import { substituteTask } from './substitute.ts';
import { bindWorkspaces } from './workspaces.ts';

function substituted(spec: TaskSpec, runSpec: TaskRunSpec = {}): TaskSpec {
  const taskRun: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name: 'run', namespace: 'ns', uid: 'u' },
    spec: runSpec,
  };
  return substituteTask(spec, taskRun, 'task', bindWorkspaces(taskRun, spec));
}

function argument(text: string, spec: TaskSpec = {}, runSpec: TaskRunSpec = {}): readonly string[] {
  return (
    substituted({ ...spec, steps: [{ name: 's', image: 'a', results: [{ name: 'r' }], args: [text] }, { image: 'b' }] }, runSpec).steps?.[0]
      ?.args ?? []
  );
}

const spec: TaskSpec = {
  params: [
    { name: 'plain', type: 'string', default: 'dflt' },
    { name: 'dotted.name', type: 'string', default: 'dots' },
    { name: 'refers', type: 'string', default: 'to $(params.plain)' },
    { name: 'list', type: 'array', default: ['a', 'b'] },
    { name: 'map', type: 'object', default: { k1: 'd1', k2: 'd2' } },
  ],
  results: [{ name: 'out' }],
  workspaces: [{ name: 'w' }, { name: 'moved', mountPath: '/moved' }, { name: 'absent', optional: true }],
};

const run: TaskRunSpec = {
  params: [
    { name: 'plain', value: 'given' },
    { name: 'map', value: { k2: 'given' } },
    { name: 'extra', value: '$(context.taskRun.name) $(params.plain)' },
  ],
  workspaces: [
    { name: 'w', persistentVolumeClaim: { claimName: 'claim' } },
    { name: 'moved', emptyDir: {} },
    { name: 'undeclared', emptyDir: {} },
  ],
};

describe('substituteTask', () => {
  it.each([
    ['$(params.plain)', ['given']],
    ['$(params["plain"])', ['given']],
    ["$(params['dotted.name'])", ['dots']],
    ['$(inputs.params.plain)', ['given']],
    // Against the default of the other param, not its value: upstream's quirk.
    ['$(params.refers)', ['to dflt']],
    ['$(params.list[*])', ['a', 'b']],
    ['$(params.list[1])', ['b']],
    ['$(params.map.k1) $(params.map.k2)', ['d1 given']],
    // A value may name a context variable, never another param.
    ['$(params.extra)', ['run $(params.plain)']],
    ['$(context.taskRun.name) $(context.taskRun.namespace) $(context.taskRun.uid) $(context.task.name)', ['run ns u task']],
    ['$(context.task.retry-count)', ['0']],
    ['$(results.out.path) $(results["out"].path)', ['/tekton/results/out /tekton/results/out']],
    ['$(step.results.r.path)', ['/tekton/steps/step-s/results/r']],
    ['$(step.artifacts.path) $(artifacts.path)', ['/tekton/steps/step-s/artifacts/provenance.json /tekton/artifacts/provenance.json']],
    ['$(steps.step-s.exitCode.path)', ['/tekton/steps/step-s/exitCode']],
    ['$(steps.step-unnamed-1.exitCode.path)', ['/tekton/steps/step-unnamed-1/exitCode']],
    ['$(workspaces.w.path) $(workspaces.w.bound) $(workspaces.w.volume) $(workspaces.w.claim)', ['/workspace/w true ws-f20c3 claim']],
    ['$(workspaces.moved.path)[$(workspaces.moved.claim)]', ['/moved[]']],
    ['[$(workspaces.absent.path)] $(workspaces.absent.bound)', ['[] false']],
    ['$(workspaces.undeclared.path)', ['/workspace/undeclared']],
    ['$(steps.s.results.r) $(credentials.path) $(date) $(unknown)', ['$(steps.s.results.r) $(credentials.path) $(date) $(unknown)']],
  ])('%s becomes %j', (text, args) => {
    expect(argument(text, spec, run)).toEqual(args);
  });

  it("declares the run's further workspaces", () => {
    expect(substituted(spec, run).workspaces).toEqual([...(spec.workspaces ?? []), { name: 'undeclared' }]);
  });

  it('gives an isolated workspace its own path, everywhere else the declared one', () => {
    const { steps, sidecars } = substituted(
      {
        steps: [
          { image: 'a', args: ['$(workspaces.w.path)'], workspaces: [{ name: 'w', mountPath: '/own' }] },
          { image: 'b', args: ['$(workspaces.w.path)'] },
        ],
        sidecars: [{ name: 'x', image: 'c', script: '$(workspaces.w.path)', workspaces: [{ name: 'w', mountPath: '/side' }] }],
        workspaces: [{ name: 'w' }],
      },
      run,
    );
    expect(steps?.map(({ args }) => args)).toEqual([['/own'], ['/workspace/w']]);
    expect(sidecars?.[0]?.script).toBe('/side');
  });

  it("knows a step's own results only in that step", () => {
    const { steps } = substituted({
      steps: [
        { name: 'a', image: 'x', results: [{ name: 'r' }] },
        { name: 'b', image: 'x', script: '$(step.results.r.path)' },
      ],
    });
    expect(steps?.[1]?.script).toBe('$(step.results.r.path)');
  });
});
