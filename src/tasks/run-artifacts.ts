import type { Artifact, Artifacts } from '../resources/artifacts.ts';
import { artifactsSchema } from '../resources/artifacts.ts';
import { sameValue } from '../resources/same-value.ts';
import type { PodObservation } from './pod-observation.ts';

/** A `provenance.json`, of a step or of the task. One that is none, or has something of another type in it, counts as empty: upstream drops it too. */
export function parseArtifacts(contents: string | undefined): Artifacts {
  if (contents === undefined) return {};
  try {
    const { success, data } = artifactsSchema.safeParse(JSON.parse(contents));
    return success ? data : {};
  } catch {
    return {};
  }
}

/**
 * A TaskRun's artifacts: step by step what the task's file says, then the step's own. Values of one name are joined, those that are there already left
 * out; only of outputs it is kept whether they are build outputs. In the order of their first mention, where upstream's is random.
 * Follows tektoncd/pipeline pkg/apis/pipeline/v1/artifact_types.go, `Merge`.
 */
export function runArtifacts(pod: PodObservation): Artifacts {
  const inputs = new Map<string, Artifact>();
  const outputs = new Map<string, Artifact>();
  for (const { artifacts, taskArtifacts } of pod.steps) {
    for (const reported of [parseArtifacts(taskArtifacts), parseArtifacts(artifacts)]) {
      for (const { buildOutput: _, ...input } of reported.inputs ?? []) merge(inputs, input);
      for (const output of reported.outputs ?? []) merge(outputs, output);
    }
  }
  return { ...(inputs.size > 0 && { inputs: [...inputs.values()] }), ...(outputs.size > 0 && { outputs: [...outputs.values()] }) };
}

function merge(into: Map<string, Artifact>, { name = '', values = [], buildOutput }: Artifact): void {
  const known = into.get(name);
  const all = [...(known?.values ?? [])];
  for (const value of values) if (!all.some((other) => sameValue(other, value))) all.push(value);
  into.set(name, {
    ...(name !== '' && { name }),
    ...(all.length > 0 && { values: all }),
    ...((buildOutput || known?.buildOutput) && { buildOutput: true }),
  });
}
