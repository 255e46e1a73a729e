import { describe, expect, it } from 'vitest';
import type { ContainerState, PodObservation, SidecarObservation, StepObservation } from './pod-observation.ts';
import { podVerdict } from './pod-verdict.ts';

function ended(exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): ContainerState {
  return { type: 'terminated', exitCode, reason, startedAt: 0, finishedAt: 1 };
}
const running: ContainerState = { type: 'running', startedAt: 0 };
const waiting = (reason: string, message?: string): ContainerState => ({ type: 'waiting', reason, message });

function step(name: string, state: ContainerState, terminationReason?: string): StepObservation {
  return { name, container: `step-${name}`, imageId: 'i', state, terminationReason, results: {}, taskResults: {} };
}
function sidecar(state: ContainerState): SidecarObservation {
  return { name: 'db', container: 'sidecar-db', imageId: 'i', state };
}
function pod(changes: Partial<PodObservation>): PodObservation {
  return { uid: 'u', phase: 'Running', steps: [], sidecars: [], ranBy: 'test', ...changes };
}

describe('podVerdict', () => {
  const ok = step('a', ended(0), 'Completed');
  const bad = step('b', ended(2), 'Error');

  it.each<[string, Partial<PodObservation>, string, string, string]>([
    ['nothing to see yet', { phase: 'Pending' }, 'Unknown', 'Pending', 'Pending'],
    ['no slot', { phase: 'Pending', reason: 'WaitingForSlot', message: 'waits for 2 pods' }, 'Unknown', 'Pending', 'waits for 2 pods'],
    [
      'a full node',
      { phase: 'Pending', reason: 'Unschedulable', message: '0/1 nodes: Insufficient cpu' },
      'Unknown',
      'ExceededNodeResources',
      'TaskRun Pod exceeded available resources',
    ],
    [
      'a failing pull',
      { phase: 'Pending', steps: [step('a', waiting('ErrImagePull', 'no'))] },
      'Unknown',
      'PullImageFailed',
      'build step "step-a" is pending with reason "no"',
    ],
    ['a step to go', { steps: [ok, step('b', running)] }, 'Unknown', 'Running', 'Not all Steps in the Task have finished executing'],
    ['no step seen', {}, 'Unknown', 'Running', 'Not all Steps in the Task have finished executing'],
    ['success', { phase: 'Succeeded', steps: [ok] }, 'True', 'Succeeded', 'All Steps have completed executing'],
    ['success beside a sidecar', { steps: [ok], sidecars: [sidecar(running)] }, 'True', 'Succeeded', 'All Steps have completed executing'],
    [
      'success beside a broken sidecar',
      { phase: 'Succeeded', steps: [ok], sidecars: [sidecar(ended(1))] },
      'True',
      'Succeeded',
      'All Steps have completed executing',
    ],
    [
      'a failed step',
      { phase: 'Failed', steps: [ok, bad, step('c', ended(1), 'Skipped')] },
      'False',
      'StepFailed',
      '"step-b" exited with code 2: Error',
    ],
    [
      'a forgiven step',
      { phase: 'Succeeded', steps: [step('a', ended(2, 'Completed'), 'Continued'), ok] },
      'True',
      'Succeeded',
      'All Steps have completed executing',
    ],
    [
      'a step that took too long',
      { phase: 'Failed', steps: [step('a', ended(1), 'TimeoutExceeded')] },
      'False',
      'StepFailed',
      '"step-a" exited because the step exceeded the specified timeout limit',
    ],
    [
      'a step without memory, while others run',
      { steps: [step('a', ended(137, 'OOMKilled')), step('b', running)] },
      'False',
      'StepOOM',
      '"step-a" exited with code 137: OOMKilled',
    ],
    [
      'a failed step beside a failed sidecar',
      { phase: 'Failed', steps: [bad], sidecars: [sidecar(ended(3))] },
      'False',
      'SidecarFailed',
      '"sidecar-db" exited with code 3: Error',
    ],
    [
      'a failed step beside a sidecar without memory',
      { phase: 'Failed', steps: [bad], sidecars: [sidecar(ended(137, 'OOMKilled'))] },
      'False',
      'SidecarOOM',
      '"sidecar-db" exited with code 137: OOMKilled',
    ],
    ['an eviction', { phase: 'Failed', reason: 'Evicted', message: 'low on disk', steps: [bad] }, 'False', 'PodEvicted', 'low on disk'],
    ['a lost pod', { phase: 'Failed', reason: 'Lost', message: 'machine restarted' }, 'False', 'Failed', 'machine restarted'],
    ['no reason at all', { phase: 'Failed' }, 'False', 'Failed', 'build failed for unspecified reasons.'],
  ])('%s', (_name, changes, status, reason, message) => {
    expect(podVerdict(pod(changes), false)).toEqual({ status, reason, message });
  });

  it('names an ignored failure so', () => {
    expect(podVerdict(pod({ phase: 'Failed', steps: [bad] }), true)).toEqual({
      status: 'False',
      reason: 'FailureIgnored',
      message: '"step-b" exited with code 2: Error',
    });
  });
});
