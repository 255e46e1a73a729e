import { describe, expect, it } from 'vitest';
import { type ChildScript, PipelineSimulator } from '../../../test/support/pipeline-simulator.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import { chooseTasks, type RerunFrom } from './choose-tasks.ts';

const taskSpec = { results: [{ name: 'r', type: 'string' }], steps: [{ image: 'busybox', script: 'true' }] };

function task(name: string, more: object = {}): object {
  return { name, taskSpec, ...more };
}

const chain = [
  task('fetch'),
  task('lint', { runAfter: ['fetch'] }),
  task('build', { runAfter: ['fetch'] }),
  task('test', { runAfter: ['build'] }),
  task('docs', { when: [{ input: 'no', operator: 'in', values: ['yes'] }] }),
  task('publish', { runAfter: ['docs', 'test'] }),
];

interface Old {
  readonly tasks?: readonly object[];
  readonly finals?: readonly object[];
  readonly scripts?: Readonly<Record<string, ChildScript>>;
  readonly cancelled?: string;
}

function old({ tasks = chain, finals = [task('notify')], scripts = {}, cancelled }: Old = {}): PipelineSimulator {
  const run = {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name: 'old', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { timeouts: { pipeline: '1h' }, pipelineSpec: { tasks, finally: finals } },
  } as unknown as PipelineRun;
  const world = new PipelineSimulator({ run, script: (name) => scripts[name] });
  if (cancelled !== undefined) {
    world.runUntil(world.now + 1000);
    world.setSpecStatus(cancelled);
  }
  world.runToEnd();
  return world;
}

function choose(world: PipelineSimulator, from: RerunFrom): unknown {
  const chosen = chooseTasks(world.run, world.children, from);
  return chosen.ok ? { again: chosen.again.join(' '), keep: chosen.keep.join(' ') } : chosen.message;
}

const fails: ChildScript = { outcome: 'fails' };

describe('from what failed', () => {
  it('runs again what did not heed the end of its run and still runs', () => {
    const stubborn = { name: 'lint', runAfter: ['fetch'], taskRef: { apiVersion: 'example.dev/v1', kind: 'Wait', name: 'w' } };
    const world = old({
      tasks: [task('fetch'), stubborn],
      scripts: { lint: { outcome: 'hangs', ignoresCancel: true } },
      cancelled: 'Cancelled',
    });
    expect(choose(world, { type: 'failed' })).toEqual({ again: 'lint notify', keep: 'fetch' });
    expect(choose(world, { type: 'only', task: 'fetch' })).toBe(
      'lint cannot be kept: it still runs, though its run has ended; wait for its end',
    );
  });

  it('runs what failed and what is behind it, however long its guards were "stopping"', () => {
    expect(choose(old({ scripts: { test: fails } }), { type: 'failed' })).toEqual({
      again: 'test publish notify',
      keep: 'fetch lint build',
    });
    expect(choose(old({ scripts: { build: fails, lint: fails } }), { type: 'failed' })).toEqual({
      again: 'lint build test publish notify',
      keep: 'fetch',
    });
  });

  it('keeps what stands behind a guard that still says no', () => {
    const tasks = [
      task('docs', { when: [{ input: 'a', operator: 'in', values: ['b'] }] }),
      task('site', { runAfter: ['docs'] }),
      task('bad'),
    ];
    expect(choose(old({ tasks, scripts: { bad: { ...fails, after: 5 } } }), { type: 'failed' })).toEqual({
      again: 'bad notify',
      keep: 'site',
    });
  });

  it('keeps failures that were allowed', () => {
    const tasks = [task('flaky', { onError: 'continue' }), task('after', { runAfter: ['flaky'] }), task('bad', { runAfter: ['after'] })];
    expect(choose(old({ tasks, scripts: { flaky: fails, bad: fails } }), { type: 'failed' })).toEqual({
      again: 'bad notify',
      keep: 'flaky after',
    });
  });

  it('runs what never gave its result to the task that wants it', () => {
    const tasks = [task('gives'), task('wants', { params: [{ name: 'p', value: '$(tasks.gives.results.r)' }] }), task('other')];
    expect(choose(old({ tasks }), { type: 'failed' })).toEqual({ again: 'gives wants notify', keep: 'other' });
  });

  it('of a cancelled run, runs what was cut off', () => {
    const world = old({ scripts: { build: { outcome: 'hangs' } }, cancelled: 'Cancelled' });
    expect(choose(world, { type: 'failed' })).toEqual({ again: 'build test publish notify', keep: 'fetch lint' });
  });

  it('of a run whose finally task failed, runs finally tasks', () => {
    expect(choose(old({ scripts: { notify: fails } }), { type: 'failed' })).toEqual({
      again: 'notify',
      keep: 'fetch lint build test publish',
    });
  });

  it('of a run in which nothing failed, says so', () => {
    expect(choose(old(), { type: 'failed' })).toBe('no task of old failed: name one, or run all of it again');
  });

  it('keeps a matrix only when all of it succeeded', () => {
    const matrix = { params: [{ name: 'n', value: ['1', '2'] }] };
    const tasks = [task('good', { matrix }), task('bad', { matrix })];
    expect(choose(old({ tasks, scripts: { bad: fails } }), { type: 'failed' })).toEqual({ again: 'bad notify', keep: 'good' });
  });
});

describe('from a task', () => {
  it('runs it, what is behind it, and what did not succeed', () => {
    expect(choose(old(), { type: 'from', task: 'build' })).toEqual({ again: 'build test publish notify', keep: 'fetch lint' });
    expect(choose(old({ scripts: { lint: fails } }), { type: 'from', task: 'docs' })).toEqual({
      again: 'lint test docs publish notify',
      keep: 'fetch build',
    });
  });

  it('that is a finally task, runs it alone', () => {
    const finals = [task('notify'), task('clean')];
    expect(choose(old({ finals, scripts: { lint: fails } }), { type: 'from', task: 'clean' })).toEqual({
      again: 'clean',
      keep: 'fetch lint build test publish notify',
    });
  });

  it.each([
    ['test', 'test waits for build, which failed: run old again from build, or from what failed'],
    ['publish', 'publish waits for build, which failed: run old again from build, or from what failed'],
    ['deploy', 'old has no task deploy; it has fetch, lint, build, test, docs, publish, notify'],
  ])('%s cannot be begun with', (name, message) => {
    expect(choose(old({ scripts: { build: fails } }), { type: 'from', task: name })).toBe(message);
  });
});

describe('one task alone', () => {
  it('runs, and finally tasks, whatever is behind it', () => {
    expect(choose(old({ scripts: { lint: fails } }), { type: 'only', task: 'fetch' })).toEqual({
      again: 'fetch notify',
      keep: 'lint build test publish',
    });
  });

  it('does not run when what it waits for did not', () => {
    expect(choose(old({ scripts: { fetch: fails } }), { type: 'only', task: 'test' })).toBe(
      'test waits for fetch, which failed: run old again from fetch, or from what failed',
    );
  });
});

describe('what cannot be told of', () => {
  it('a run that goes on', () => {
    const world = old({ scripts: { build: { outcome: 'hangs' } } });
    const going = { ...world.run, status: { ...world.run.status, conditions: [] } };
    expect(chooseTasks(going, world.children, { type: 'failed' })).toEqual({
      ok: false,
      message: 'old still runs; cancel it, or wait for its end',
    });
  });

  it('a run that never had a pipeline', () => {
    const run = {
      ...old().run,
      status: { conditions: [{ type: 'Succeeded', status: 'False', reason: 'CouldntGetPipeline', message: '' }] },
    } as unknown as PipelineRun;
    expect(chooseTasks(run, [], { type: 'failed' })).toEqual({
      ok: false,
      message: 'old ended before it knew its tasks: run all of it again',
    });
  });

  it('a task whose run is gone', () => {
    const world = old({ scripts: { test: fails } });
    world.deleteChild('old-lint');
    expect(choose(world, { type: 'failed' })).toBe('lint cannot be kept: nothing is left of it');
    expect(choose(world, { type: 'from', task: 'fetch' })).toEqual({ again: 'fetch lint build test publish notify', keep: '' });
  });
});
