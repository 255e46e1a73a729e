import { goJson } from '../expressions/jsonpath/go-json.ts';
import type { StepObservation } from './pod-observation.ts';

/** Upstream's entry types: what of a container's termination message its status keeps. */
const TASK_RESULT = 1;
const STEP_RESULT = 4;
const STEP_ARTIFACTS = 5;
const TASK_ARTIFACTS = 6;

/** More than this upstream has no room for; there the step fails, here only its message is left out. */
const LIMIT_BYTES = 4096;

/**
 * `steps[].terminated.message`: what the step reports, as a JSON list sorted by key. Follows tektoncd/pipeline pkg/termination/parse.go and
 * pkg/pod/status.go, `createMessageFromResults`.
 */
export function terminationMessage(step: StepObservation, index: number): string | undefined {
  const entries = [
    ...Object.entries(step.taskResults).map(([key, value]) => ({ key, value, type: TASK_RESULT })),
    ...Object.entries(step.results).map(([key, value]) => ({ key, value, type: STEP_RESULT })),
    ...entry(`/tekton/run/${index}/status/artifacts/provenance.json`, step.artifacts, STEP_ARTIFACTS),
    ...entry('/tekton/artifacts/provenance.json', step.taskArtifacts, TASK_ARTIFACTS),
  ];
  if (entries.length === 0) return undefined;
  entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  const texts = entries.map(({ key, value, type }) => `{"key":${goJson(key)},"value":${goJson(value)},"type":${type}}`);
  const message = `[${texts.join(',')}]`;
  return new TextEncoder().encode(message).length > LIMIT_BYTES ? undefined : message;
}

function entry(key: string, value: string | undefined, type: number): { key: string; value: string; type: number }[] {
  return value === undefined ? [] : [{ key, value, type }];
}
