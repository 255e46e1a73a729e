import { describe, expect, it } from 'vitest';
import { PipelineSimulator } from '../../../test/support/pipeline-simulator.ts';
import { defaultEngineConfig } from '../../resources/engine-config.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import type { ReusedFacts } from './kept-tasks.ts';

const taskSpec = { results: [{ name: 'r', type: 'string' }], steps: [{ image: 'busybox', script: 'true' }] };
const tasks = [
  { name: 'a', taskSpec },
  { name: 'b', taskSpec, when: [{ input: 'x', operator: 'in', values: ['y'] }] },
  { name: 'c', taskSpec, runAfter: ['a'], params: [{ name: 'p', value: '$(tasks.a.results.r)' }] },
];
const finals = [
  { name: 'f', taskSpec, params: [{ name: 's', value: '$(tasks.a.status) $(tasks.c.status) $(tasks.status) $(tasks.a.reason)' }] },
];
const pipelineSpec = { tasks, finally: finals, results: [{ name: 'out', value: '$(tasks.a.results.r)' }] };

function run(name: string, annotations: Readonly<Record<string, string>> = {}): PipelineRun {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name, namespace: 'ci', uid: `uid-of-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', annotations },
    spec: { timeouts: { pipeline: '1h' }, pipelineSpec },
  } as unknown as PipelineRun;
}

function oldWorld(): PipelineSimulator {
  const world = new PipelineSimulator({
    run: run('old'),
    script: (task) => (task === 'c' ? { outcome: 'fails' } : { results: { r: `of ${task}` } }),
  });
  world.runToEnd();
  return world;
}

const old = oldWorld();
const reused: ReusedFacts = { from: old.run, children: old.children };

function rerun(reuse: string, facts: ReusedFacts = reused, of = 'old'): PipelineSimulator {
  const annotations = { 'tappet.dev/reuse': reuse, ...(of === '' ? {} : { 'tappet.dev/rerun-of': of }) };
  const world = new PipelineSimulator({ run: run('new', annotations), reused: facts, script: () => ({ results: { r: 'new' } }) });
  world.runToEnd();
  return world;
}

describe('a kept task', () => {
  it('gives its results, status and reason as if it had run, and is told of under its own name', () => {
    const world = rerun('["a"]');
    expect(world.children.map((child) => [child.metadata.name, (child['spec'] as { readonly params?: unknown }).params])).toEqual([
      ['new-c', [{ name: 'p', value: 'of a' }]],
      ['new-f', [{ name: 's', value: 'Succeeded Succeeded Completed Succeeded' }]],
    ]);
    expect(world.condition).toMatchObject({
      status: 'True',
      reason: 'Completed',
      message: 'Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 1',
    });
    expect(world.run.status?.results).toEqual([{ name: 'out', value: 'of a' }]);
    expect(world.run.status?.childReferences?.map(({ kind, name, pipelineTaskName }) => [kind, name, pipelineTaskName])).toEqual([
      ['TaskRun', 'old-a', 'a'],
      ['TaskRun', 'new-c', 'c'],
      ['TaskRun', 'new-f', 'f'],
    ]);
  });

  it('may be a child pipeline, which then is not run again by itself', () => {
    const config = { ...defaultEngineConfig, 'enable-api-fields': 'alpha' as const };
    const nested = {
      tasks: [
        { name: 'inner', pipelineSpec: { tasks: [{ name: 'x', taskSpec }] } },
        { name: 'bad', taskSpec },
      ],
    };
    const spec = { timeouts: { pipeline: '1h' }, pipelineSpec: nested };
    const before = new PipelineSimulator({
      run: { ...run('old'), spec } as unknown as PipelineRun,
      config,
      script: (task) => (task === 'bad' ? { outcome: 'fails' } : {}),
    });
    before.runToEnd();
    const annotations = { 'tappet.dev/reuse': '["inner"]', 'tappet.dev/rerun-of': 'old' };
    const facts = { from: before.run, children: before.children };
    const world = new PipelineSimulator({ run: { ...run('new', annotations), spec } as unknown as PipelineRun, config, reused: facts });
    world.runToEnd();
    expect(world.run.status?.childReferences?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'PipelineRun old-inner',
      'TaskRun new-bad',
    ]);
    expect(world.children.map((child) => [child.metadata.name, child.metadata.annotations])).toEqual([['new-bad', undefined]]);
  });

  it('that failed stops nothing but what is behind it, and fails the run', () => {
    const world = rerun('["c"]');
    expect(world.children.map((child) => child.metadata.name)).toEqual(['new-a', 'new-f']);
    expect(world.condition).toMatchObject({ reason: 'Failed', message: 'Tasks Completed: 3 (Failed: 1, Cancelled 0), Skipped: 1' });
  });

  it('that did not run does not', () => {
    const world = rerun('["b","f"]');
    expect(world.run.status?.skippedTasks).toEqual(old.run.status?.skippedTasks);
    expect(world.children.map((child) => child.metadata.name)).toEqual(['new-a', 'new-c']);
  });

  it('starts no later than its run, whose time begins anew', () => {
    expect(rerun('["a"]').run.status?.startTime).toBe('2026-01-01T00:00:00Z');
  });
});

describe('a rerun that cannot be ends as InvalidRerun', () => {
  const without = (name: string): ReusedFacts => ({ ...reused, children: old.children.filter((child) => child.metadata.name !== name) });
  const running = (child: KubeObject): KubeObject => ({ ...child, status: { conditions: [] } });
  const stillRuns = { ...old.run, status: { ...old.run.status, conditions: [] } };

  it.each<[string, string, ReusedFacts, string, string]>([
    ['no list', 'a', reused, 'old', 'tappet.dev/reuse: expected a JSON list of names of pipeline tasks, got a'],
    ['a list of other things', '[1]', reused, 'old', 'tappet.dev/reuse: expected a JSON list of names of pipeline tasks, got [1]'],
    ['no run', '["a"]', reused, '', 'nothing says which run it was made of'],
    ['a run that is gone', '["a"]', { children: [] }, 'old', 'PipelineRun "old", whose tasks it keeps, does not exist'],
    ['a run that goes on', '["a"]', { ...reused, from: stillRuns }, 'old', 'PipelineRun "old", whose tasks it keeps, still runs'],
    ['a task that is not in its pipeline', '["z"]', reused, 'old', 'its pipeline has no task "z" to keep'],
    ['a child that is gone', '["a"]', without('old-a'), 'old', 'it keeps task "a", but TaskRun "old-a" is gone'],
    [
      'a child that goes on',
      '["a"]',
      { ...reused, children: old.children.map(running) },
      'old',
      'it keeps task "a", but TaskRun "old-a" still runs',
    ],
    [
      'a task that the old pipeline did not have',
      '["a"]',
      { ...reused, from: { ...old.run, status: { ...old.run.status, pipelineSpec: {}, childReferences: [] } } },
      'old',
      'PipelineRun "old" had no task "a" to keep',
    ],
  ])('%s', (_, reuse, facts, of, message) => {
    const world = rerun(reuse, facts, of);
    expect(world.condition).toMatchObject({
      status: 'False',
      reason: 'InvalidRerun',
      message: `PipelineRun ci/new cannot go on as a rerun: ${message}`,
    });
    expect(world.children).toEqual([]);
  });

  it('and leaves nothing running', () => {
    const annotations = { 'tappet.dev/reuse': '["a"]', 'tappet.dev/rerun-of': 'old' };
    let facts: ReusedFacts = reused;
    class Forgetful extends PipelineSimulator {
      override get facts() {
        return { ...super.facts, reused: facts };
      }
    }
    const world = new Forgetful({ run: run('new', annotations), script: () => ({ outcome: 'hangs' }) });
    world.settle();
    facts = without('old-a');
    world.runToEnd();
    expect(world.condition?.message).toContain('TaskRun "old-a" is gone');
    expect(world.liveChildren()).toEqual([]);
  });
});
