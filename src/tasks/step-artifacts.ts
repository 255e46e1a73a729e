import { goJson } from '../expressions/jsonpath/go-json.ts';
import type { PlannedEnv, PlannedStep } from './pod-plan.ts';
import { parseArtifacts } from './run-artifacts.ts';

/** Contents of the `provenance.json` of the step named `step` (`build`, not `step-build`); `undefined` when there is none. */
export type StepArtifactsReader = (step: string) => string | undefined;

export interface WithArtifacts {
  readonly step: PlannedStep;
  /** Why the rest was left as written. */
  readonly warning?: string | undefined;
}

/**
 * Replaces `$(steps.S.inputs.NAME)` and `$(steps.S.outputs.NAME)` by the JSON of the artifact's values in a step that is about to start: in its script
 * where it gets no arguments, else in its words, and then in env values. What cannot be replaced leaves the words, or what is left of env, as written
 * and the step still runs. Follows tektoncd/pipeline pkg/entrypoint/entrypointer.go, `applyStepArtifactSubstitutions`.
 */
export function substituteStepArtifacts(step: PlannedStep, read: StepArtifactsReader): WithArtifacts {
  const { script, command, args, env } = step;
  try {
    const inText = (text: string): string => replaceIn(text, read);
    const words = script !== undefined && args.length === 0 ? { script: inText(script) } : { args: args.map(inText) };
    const replaced = { ...step, ...words, ...(command && { command: command.map(inText) }) };
    return replaceInEnv(replaced, env, read);
  } catch (error) {
    if (error instanceof UnknownArtifact) return { step, warning: error.message };
    throw error;
  }
}

class UnknownArtifact extends Error {}

const reference = /\$\(steps\.([^.]+)\.(inputs|outputs)\.([^.)]+)\)/g;

function replaceIn(text: string, read: StepArtifactsReader): string {
  return text.replaceAll(reference, (expression: string, step: string, side: 'inputs' | 'outputs', name: string) => {
    const found = parseArtifacts(read(step))[side]?.find((artifact) => artifact.name === name);
    if (found === undefined) throw new UnknownArtifact(`${expression}: step ${JSON.stringify(step)} has written no artifact of that name`);
    return goJson(found.values ?? null);
  });
}

function replaceInEnv(step: PlannedStep, env: readonly PlannedEnv[], read: StepArtifactsReader): WithArtifacts {
  const replaced: PlannedEnv[] = [];
  for (const [index, entry] of env.entries()) {
    try {
      replaced.push('value' in entry ? { name: entry.name, value: replaceIn(entry.value, read) } : entry);
    } catch (error) {
      if (!(error instanceof UnknownArtifact)) throw error;
      return { step: { ...step, env: [...replaced, ...env.slice(index)] }, warning: error.message };
    }
  }
  return { step: { ...step, env: replaced } };
}
