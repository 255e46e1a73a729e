import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import type { Stored } from '../../resources/object.ts';
import { defaultObservability, type Observability } from '../../resources/observability.ts';
import { RunTally } from './run-tally.ts';

const P = 'tekton_pipelines_controller_';

interface Given {
  readonly kind?: 'PipelineRun' | 'TaskRun';
  readonly uid?: string;
  readonly status?: object;
  readonly outcome?: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly owner?: string;
  readonly spec?: object;
  readonly labels?: Record<string, string>;
}

function run({
  kind = 'TaskRun',
  uid = 'one',
  outcome,
  reason = '',
  owner,
  spec = { taskRef: { name: 'build' } },
  status = {},
  labels,
}: Given): Stored {
  return {
    apiVersion: 'tekton.dev/v1',
    kind,
    metadata: {
      name: uid,
      namespace: 'ci',
      uid,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: owner, uid: owner, controller: true }] }),
    },
    spec,
    status: { ...status, ...(outcome === undefined ? {} : { conditions: [{ type: 'Succeeded', status: outcome, reason }] }) },
  };
}

const started = { startTime: '2026-01-01T00:00:00Z' };
const stepping = { ...started, steps: [{ name: 'a', running: { startedAt: '2026-01-01T00:00:02Z' } }] };
const ended = {
  ...started,
  completionTime: '2026-01-01T00:00:40Z',
  steps: [{ name: 'a', terminated: { exitCode: 0, startedAt: '2026-01-01T00:00:02Z' } }],
};

function tallyWith(observability: Partial<Observability> = {}) {
  const clock = new ManualClock();
  const tally = new RunTally({ clock, observability: { ...defaultObservability, ...observability } });
  const hear = (given: Given): void => tally.changed(run(given), undefined);
  const value = (series: string): string | undefined =>
    tally
      .text()
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);
  return { clock, tally, hear, value };
}

describe('RunTally', () => {
  it('counts a run that ends, once, with its time by pipeline or task', () => {
    const { tally, hear, value } = tallyWith();
    tally.begin();
    hear({});
    expect(value(`${P}running_taskruns`)).toBe('1');
    hear({ status: ended, outcome: 'True' });
    hear({ status: { ...ended, note: 'changed after its end' }, outcome: 'True' });
    expect(value(`${P}taskrun_total{status="success"}`)).toBe('1');
    expect(value(`${P}running_taskruns`)).toBe('0');
    const labels = 'namespace="ci",status="success",task="build"';
    expect(value(`${P}taskrun_duration_seconds_bucket{${labels},le="30"}`)).toBe('0');
    expect(value(`${P}taskrun_duration_seconds_bucket{${labels},le="60"}`)).toBe('1');
    expect(value(`${P}taskrun_duration_seconds_bucket{${labels},le="+Inf"}`)).toBe('1');
    expect(value(`${P}taskrun_duration_seconds_sum{${labels}}`)).toBe('40');
    expect(value(`${P}taskruns_pod_latency_milliseconds_sum{task="build"}`)).toBe('2000');
  });

  it('counts nothing of runs that were done before it looked, and no time of what it did not see begin', () => {
    const { tally, hear } = tallyWith();
    hear({ uid: 'old', status: ended, outcome: 'True' });
    hear({ uid: 'going', status: started, outcome: 'Unknown' });
    tally.begin();
    hear({ uid: 'going', status: stepping, outcome: 'Unknown' });
    expect(tally.text()).not.toMatch(/_total|transition/);
    expect(tally.text()).toContain('pod_latency');
  });

  it.each([
    ['True', 'Succeeded', 'success'],
    ['False', 'Failed', 'failed'],
    ['False', 'Cancelled', 'cancelled'],
    ['False', 'CancelledRunningFinally', 'cancelled'],
    ['False', 'PipelineRunTimeout', 'failed'],
  ] as const)('tells %s %s as %s', (outcome, reason, status) => {
    const { hear, value } = tallyWith({ 'metrics.count.enable-reason': true });
    const given = { kind: 'PipelineRun', spec: { pipelineRef: { name: 'ship' } } } as const;
    hear(given);
    hear({ ...given, status: ended, outcome, reason });
    expect(value(`${P}pipelinerun_total{status="${status}",reason="${reason}"}`)).toBe('1');
    expect(value(`${P}pipelinerun_duration_seconds_count{namespace="ci",status="${status}",reason="${reason}",pipeline="ship"}`)).toBe('1');
  });

  it('names what has no name as upstream does', () => {
    const { hear, tally } = tallyWith();
    const runs: readonly Given[] = [
      { kind: 'PipelineRun', uid: 'inline', spec: { pipelineSpec: {} }, labels: { 'tekton.dev/pipeline': 'x' } },
      { kind: 'PipelineRun', uid: 'fetched', spec: { pipelineRef: { resolver: 'git' } }, labels: { 'tekton.dev/pipeline': 'ship' } },
      { uid: 'child', owner: 'p', spec: { taskSpec: {} }, labels: { 'tekton.dev/pipelineTask': 'lint', 'tekton.dev/pipeline': 'ship' } },
      { uid: 'alone', spec: { taskSpec: {} } },
    ];
    for (const given of runs) {
      hear(given);
      hear({ ...given, status: ended, outcome: 'True' });
    }
    for (const line of [
      `${P}pipelinerun_duration_seconds_count{namespace="ci",status="success",pipeline="anonymous"} 1`,
      `${P}pipelinerun_duration_seconds_count{namespace="ci",status="success",pipeline="ship"} 1`,
      `${P}pipelinerun_taskrun_duration_seconds_count{namespace="ci",status="success",pipeline="ship",task="lint"} 1`,
      `${P}taskrun_duration_seconds_count{namespace="ci",status="success",task="anonymous"} 1`,
    ])
      expect(tally.text()).toContain(line);
  });

  it('is as fine as it is told to be', () => {
    const { hear, tally } = tallyWith({
      'metrics.taskrun.level': 'taskrun',
      'metrics.pipelinerun.level': 'namespace',
      'metrics.taskrun.duration-type': 'lastvalue',
      'metrics.running-pipelinerun.level': 'pipelinerun',
      'metrics.taskrun.throttle.enable-namespace': true,
    });
    hear({ uid: 'child', owner: 'p' });
    hear({ uid: 'child', owner: 'p', status: ended, outcome: 'True' });
    hear({ uid: 'stuck', status: started, outcome: 'Unknown', reason: 'ExceededNodeResources' });
    hear({
      kind: 'PipelineRun',
      uid: 'ship-1',
      spec: { pipelineRef: { name: 'ship' } },
      status: started,
      outcome: 'Unknown',
      reason: 'ResolvingTaskRef',
    });
    for (const line of [
      `${P}pipelinerun_taskrun_duration_seconds{namespace="ci",status="success",task="build",taskrun="child"} 40`,
      `${P}running_pipelineruns{namespace="ci",pipeline="ship",pipelinerun="ship-1"} 1`,
      `${P}running_pipelineruns_waiting_on_task_resolution 1`,
      `${P}running_taskruns_throttled_by_node{namespace="ci"} 1`,
    ])
      expect(tally.text()).toContain(line);
    expect(tally.text()).not.toContain('throttled_by_quota');
  });

  it('forgets a run that is deleted', () => {
    const { hear, tally, value } = tallyWith();
    hear({ status: started, outcome: 'Unknown' });
    tally.changed(undefined, run({}));
    expect(value(`${P}running_taskruns`)).toBe('0');
    expect(tally.text()).not.toContain('_total');
  });

  it('lets go of what is under way when all is to be told anew', () => {
    const { tally, hear, value } = tallyWith();
    hear({ uid: 'moved away', status: started, outcome: 'Unknown' });
    hear({ uid: 'stays', status: started, outcome: 'Unknown' });
    tally.begin();
    tally.end();
    hear({ uid: 'stays', status: started, outcome: 'Unknown' });
    tally.begin();
    expect(value(`${P}running_taskruns`)).toBe('1');
    hear({ uid: 'stays', status: ended, outcome: 'True' });
    expect(value(`${P}taskrun_total{status="success"}`)).toBe('1');
  });

  it('measures what the engine takes from stage to stage, and from the end of a child to what follows', () => {
    const { clock, tally, hear, value } = tallyWith();
    tally.begin();
    const parent = { kind: 'PipelineRun', uid: 'p', spec: { pipelineSpec: {} } } as const;
    hear(parent);
    hear({ uid: 'a', owner: 'p' });
    clock.advance(20);
    hear({ uid: 'a', owner: 'p', status: started, outcome: 'Unknown' });
    clock.advance(30);
    hear({ uid: 'a', owner: 'p', status: stepping, outcome: 'Unknown' });
    clock.advance(5000);
    hear({ uid: 'a', owner: 'p', status: ended, outcome: 'True' });
    clock.advance(8);
    hear({ uid: 'b', owner: 'p' });
    hear({ uid: 'b', owner: 'p', status: ended, outcome: 'True' });
    clock.advance(4);
    hear({ ...parent, status: ended, outcome: 'True' });
    const transition = (from: string, to: string) => value(`tappet_run_transition_seconds_sum{kind="TaskRun",from="${from}",to="${to}"}`);
    expect([transition('created', 'started'), transition('started', 'running'), transition('running', 'done')]).toEqual([
      '0.02',
      '0.03',
      '5',
    ]);
    expect([value('tappet_run_hop_seconds_sum{to="child"}'), value('tappet_run_hop_seconds_sum{to="end"}')]).toEqual(['0.008', '0.004']);
  });

  it('takes labels apart from what stands in them', () => {
    const { hear, tally } = tallyWith();
    hear({ spec: { taskRef: { name: 'a"b\\c\nd' } } });
    hear({ spec: { taskRef: { name: 'a"b\\c\nd' } }, status: ended, outcome: 'True' });
    expect(tally.text()).toContain('task="a\\"b\\\\c\\nd"');
  });
});
