import { expect, it } from 'vitest';
import type { PodObservation } from './pod-observation.ts';
import { startFailure } from './start-failure.ts';

const due = Date.UTC(2026, 0, 1);
const config = { 'default-imagepullbackoff-timeout': '5m', 'default-create-container-error-timeout': '1m' };
const none = { 'default-imagepullbackoff-timeout': '0s', 'default-create-container-error-timeout': '0s' };

function waiting(reason: string, message = 'why', containersDueAt: number | undefined = due): PodObservation {
  const step = {
    name: 'a',
    container: 'step-a',
    imageId: 'i',
    state: { type: 'waiting', reason, message },
    results: {},
    taskResults: {},
  } as const;
  return { uid: 'u-0', phase: 'Pending', containersDueAt, steps: [step], sidecars: [], ranBy: 'test' };
}

it.each([
  [
    'ImagePullBackOff',
    'TaskRunImagePullFailed',
    'the step "a" in TaskRun "run" failed to pull the image "i". The pod errored with the message: "why."',
  ],
  [
    'InvalidImageName',
    'TaskRunImagePullFailed',
    'the step "a" in TaskRun "run" failed to pull the image "i". The pod errored with the message: "why."',
  ],
  [
    'CreateContainerConfigError',
    'CreateContainerConfigError',
    'the step "a" in TaskRun "run" failed to start. The pod errored with the message: "why."',
  ],
  ['CreateContainerError', 'PodCreationFailed', 'the step "a" in TaskRun "run" failed to start. The pod errored with the message: "why."'],
])('fails at once on %s', (reason, expected, message) => {
  expect(startFailure('run', waiting(reason), none, due)).toEqual({ type: 'fails', reason: expected, message });
});

it('tolerates ErrImagePull', () => {
  expect(startFailure('run', waiting('ErrImagePull'), none, due)).toBeUndefined();
});

it.each([
  ['ImagePullBackOff', 'why', 5 * 60_000],
  ['CreateContainerError', 'context deadline exceeded', 60_000],
  ['CreateContainerConfigError', 'context deadline exceeded', 60_000],
])('gives %s (%s) the time that is configured, from when containers were due', (reason, message, ms) => {
  const pod = waiting(reason, message);
  expect(startFailure('run', pod, config, due + ms - 1)).toEqual({ type: 'waits', until: due + ms });
  expect(startFailure('run', pod, config, due + ms)).toMatchObject({ type: 'fails' });
});

it('gives no time to what does not recover', () => {
  for (const reason of ['InvalidImageName', 'CreateContainerError', 'CreateContainerConfigError'])
    expect(startFailure('run', waiting(reason), config, due)).toMatchObject({ type: 'fails' });
});

it('fails for a sidecar that has no time while a step still has', () => {
  const { steps, ...pod } = waiting('ImagePullBackOff');
  const sidecar = { name: 'db', container: 'sidecar-db', imageId: 'j', state: { type: 'waiting', reason: 'InvalidImageName' } } as const;
  expect(startFailure('run', { ...pod, steps, sidecars: [sidecar] }, config, due)).toMatchObject({
    type: 'fails',
    message: 'the sidecar "db" in TaskRun "run" failed to pull the image "j". The pod errored with the message: "."',
  });
});
