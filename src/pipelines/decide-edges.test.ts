import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { KubeObject } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { decidePipelineRun } from './decide.ts';
import type { PipelineRunDecision, PipelineRunFacts } from './decisions.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const taskSpec = { steps: [{ name: 'run', image: 'alpine', script: 'true' }] };

function facts(spec: PipelineRun['spec'], more: Partial<PipelineRunFacts> = {}, status?: PipelineRun['status']): PipelineRunFacts {
  const metadata = {
    name: 'run',
    namespace: 'ns',
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'tekton.dev/pipeline': 'run' },
  };
  const run: PipelineRun = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata, spec, status };
  return { run, tasks: new Map(), children: [], config: { ...defaultEngineConfig, 'enable-provenance-in-status': false }, ...more };
}

function condition(decisions: readonly PipelineRunDecision[]): unknown {
  const [status] = decisions.flatMap((decision) => (decision.type === 'set-status' ? [decision.status] : []));
  const [first] = status?.conditions ?? [];
  return first && [first.status, first.reason, first.message];
}

function child(name: string, status: KubeObject['status'] = undefined): KubeObject {
  const ownerReferences = [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: 'run', uid: 'u', controller: true }];
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name, labels: { 'tekton.dev/pipelineTask': 'a' }, ownerReferences },
    spec: {},
    status,
  };
}

describe('decidePipelineRun', () => {
  it('waits for what is still being fetched', () => {
    const awaited = 'PipelineRun ns/run awaiting remote resource';
    expect(condition(decidePipelineRun(facts({ pipelineRef: { resolver: 'git' } }, { pipeline: { type: 'pending' } }), now))).toEqual([
      'Unknown',
      'ResolvingPipelineRef',
      awaited,
    ]);
    const spec = { pipelineSpec: { tasks: [{ name: 'a', taskRef: { name: 't', kind: 'Task' } }] } };
    const decisions = decidePipelineRun(facts(spec, { tasks: new Map([['t', { type: 'pending' }]]) }), now);
    expect(condition(decisions)).toEqual(['Unknown', 'ResolvingTaskRef', awaited]);
    expect(decisions.at(-1)).toEqual({ type: 'check-again-at', at: now + 2 * 3_600_000 });
  });

  it('gives up waiting when twice its time is over', () => {
    const waiting = facts({ pipelineRef: { resolver: 'git' } }, { pipeline: { type: 'pending' } }, { startTime: '2026-01-01T00:00:00Z' });
    expect(condition(decidePipelineRun(waiting, now + 7_199_999))).toEqual(['Unknown', 'ResolvingPipelineRef', expect.any(String)]);
    expect(condition(decidePipelineRun(waiting, now + 7_200_000))).toEqual([
      'False',
      'PipelineRunTimeout',
      'PipelineRun "run" failed to finish within "1h0m0s"',
    ]);
  });

  it("leaves runs of other controllers and ended runs alone, but for a cancelled run's late child", () => {
    const pipelineSpec = { tasks: [{ name: 'a', taskSpec }] };
    expect(decidePipelineRun(facts({ pipelineSpec, managedBy: 'somebody.example/else' }), now)).toEqual([]);
    const ended = { conditions: [{ type: 'Succeeded', status: 'False', reason: 'Failed' }] } as const;
    expect(decidePipelineRun(facts({ pipelineSpec }, { children: [child('run-a')] }, { conditions: [...ended.conditions] }), now)).toEqual(
      [],
    );
    const cancelled = { conditions: [{ type: 'Succeeded', status: 'False' as const, reason: 'Cancelled' }] };
    expect(decidePipelineRun(facts({ pipelineSpec, status: 'Cancelled' }, { children: [child('run-a')] }, cancelled), now)).toEqual([
      {
        type: 'cancel-child',
        kind: 'TaskRun',
        name: 'run-a',
        status: 'TaskRunCancelled',
        statusMessage: 'TaskRun cancelled as the PipelineRun it belongs to has been cancelled.',
      },
    ]);
  });

  it('cancels a run whose pipeline is nowhere to be found', () => {
    const lost = facts({ pipelineRef: { name: 'p' }, status: 'Cancelled' }, { pipeline: { type: 'missing', message: 'not found' } });
    expect(condition(decidePipelineRun(lost, now))).toEqual(['False', 'Cancelled', 'PipelineRun "run" was cancelled']);
  });

  it('does not take a grandchild for a child, nor what comes out of a value for a variable', () => {
    const spec = {
      params: [
        { name: 'a', value: '$(params.b)' },
        { name: 'b', value: 'inner' },
      ],
      pipelineSpec: { tasks: [{ name: 'a', params: [{ name: 'p', value: '$(params.a)' }], taskSpec }] },
    };
    const stranger = {
      ...child('run-a', { conditions: [{ type: 'Succeeded', status: 'True' }] }),
      metadata: { ...child('x').metadata, ownerReferences: [] },
    };
    const first = decidePipelineRun(facts(spec, { children: [stranger] }), now);
    const status = first.flatMap((decision) => (decision.type === 'set-status' ? [decision.status] : []))[0];
    const params = (decisions: readonly PipelineRunDecision[]): unknown =>
      decisions.flatMap((decision) => (decision.type === 'create-child' ? [(decision.child['spec'] as { params: unknown }).params] : []));
    expect(params(first)).toEqual([[{ name: 'p', value: '$(params.b)' }]]);
    // The frozen pipeline is not substituted a second time.
    expect(params(decidePipelineRun(facts(spec, {}, status), now))).toEqual([[{ name: 'p', value: '$(params.b)' }]]);
  });

  it('starts no later than its creation says and no later than its children', () => {
    const pipelineSpec = { tasks: [{ name: 'a', taskSpec }] };
    const start = (decisions: readonly PipelineRunDecision[]): unknown =>
      decisions.flatMap((decision) => (decision.type === 'set-status' ? [decision.status.startTime] : []));
    expect(start(decidePipelineRun(facts({ pipelineSpec }), now - 5000))).toEqual(['2026-01-01T00:00:00Z']);
    const early = child('run-a');
    const children = [{ ...early, metadata: { ...early.metadata, creationTimestamp: '2025-12-31T23:59:50Z' } }];
    expect(start(decidePipelineRun(facts({ pipelineSpec }, { children }), now))).toEqual(['2025-12-31T23:59:50Z']);
  });
});
