import { describe, expect, it } from 'vitest';
import { podVerdict, resultsFailure } from '../../../tasks/pod-verdict.ts';
import { observeDeleted, observePod } from './observe-pod.ts';
import type { WireContainerState, WirePod } from './pod-status.ts';
import { type ResultsLog, readResultsLog } from './results-log.ts';

const end = '{"name":"","type":"end","value":""}\n';
const line = (entry: object): string => `${JSON.stringify(entry)}\n`;
const ended = (exitCode: number): WireContainerState => ({
  terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', message: '[]', finishedAt: '2026-01-01T00:00:04Z' },
});
const running: WireContainerState = { running: { startedAt: '2026-01-01T00:00:02Z' } };

function pod(states: Readonly<Record<string, WireContainerState>>, phase = 'Running'): WirePod {
  const names = Object.keys(states);
  return {
    metadata: { name: 'run-pod', namespace: 'ci' },
    spec: { containers: names.map((name) => ({ name })) },
    status: { phase, containerStatuses: names.map((name) => ({ name, state: states[name] ?? {} })) },
  };
}

const LOG = 'sidecar-tekton-log-results';

describe('the log of results', () => {
  it('gives each step its own, and the first the task’s', () => {
    const text =
      'for people\n' +
      line({ name: 'r', type: 'task', value: 'a\n' }) +
      line({ name: 'step-two.x.json', type: 'step', value: 'b' }) +
      line({ name: 'step-two', type: 'stepArtifact', value: '{}' }) +
      line({ name: 'provenance.json', type: 'taskArtifact', value: '[]' });
    const seen = observePod(pod({ 'step-one': ended(0), 'step-two': ended(0), [LOG]: ended(0) }, 'Succeeded'), readResultsLog(text + end));
    expect(seen.steps).toMatchObject([
      { taskResults: { r: 'a\n' }, results: {}, taskArtifacts: '[]', resultsAreLogged: true },
      { taskResults: {}, results: { 'x.json': 'b' }, artifacts: '{}', resultsAreLogged: true },
    ]);
    expect(seen.sidecars).toMatchObject([{ name: 'tekton-log-results', state: { type: 'terminated', exitCode: 0 } }]);
    expect(podVerdict(seen, false).status).toBe('True');
  });

  it.each<[string, Record<string, WireContainerState>, string, boolean]>([
    ['steps run', { 'step-one': running, [LOG]: running }, 'Running', false],
    ['it is being written', { 'step-one': ended(0), [LOG]: running }, 'Running', true],
    ['it was written behind a failed step', { 'step-one': ended(3), [LOG]: ended(0) }, 'Failed', true],
    ['its container was killed', { 'step-one': ended(0), [LOG]: ended(137) }, 'Failed', false],
    ['the pod has ended without it', { 'step-one': ended(0), [LOG]: running }, 'Failed', false],
    ['there is none', { 'step-one': ended(0) }, 'Succeeded', false],
  ])('is waited for, or not, when %s', (_when, states, phase, waits) => {
    const seen = observePod(pod(states, phase));
    expect(seen.awaitsResults === true).toBe(waits);
    if (waits)
      expect(podVerdict(seen, false)).toEqual({
        status: 'Unknown',
        reason: 'Running',
        message: 'Not all Steps in the Task have finished executing: the results of its steps are being read',
      });
  });

  it('fails the run by upstream’s reason where a result is too large', () => {
    const text = line({ name: 'r', type: 'task', bytes: 5000, limit: 4096 }) + end;
    const seen = observePod(pod({ 'step-one': ended(0), [LOG]: ended(0) }, 'Succeeded'), readResultsLog(text));
    expect(resultsFailure('run', seen)).toEqual({
      reason: 'TaskRunResultLargerThanAllowedLimit',
      message: 'TaskRun "run" failed: results exceeded size limit 4096 bytes',
    });
  });

  it('is not believed when it has no end, and lost with its pod', () => {
    const problem = ({ problem: found }: Pick<ResultsLog, 'problem'>): string | undefined =>
      found?.type === 'unreadable' ? found.message : undefined;
    expect(problem(readResultsLog(line({ name: 'r', type: 'task', value: 'a' })))).toContain('ends before its last line');
    const deleted = observeDeleted(pod({ 'step-one': ended(0), [LOG]: ended(0) }, 'Succeeded'), 0);
    expect(resultsFailure('run', deleted)).toEqual({
      reason: 'Failed',
      message: 'TaskRun "run" failed: its results could not be read: pod run-pod was deleted',
    });
  });
});
