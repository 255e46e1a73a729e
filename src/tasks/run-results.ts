import { decodeParamValue } from '../expressions/variables/decode-param-value.ts';
import { paramTypeOf } from '../expressions/variables/param-value.ts';
import { goMapOfLists } from '../resources/go-format.ts';
import type { TaskResult, TaskSpec } from '../resources/task/schema.ts';
import type { TaskRunResult } from '../resources/task-run/schema.ts';
import { stepName } from './container-name.ts';
import type { PodObservation } from './pod-observation.ts';
import { isObject } from './validate-run.ts';

export interface RunResults {
  readonly results: readonly TaskRunResult[];
  /** The condition's message when a result is not what the task declares; the mismatching ones are already left out. */
  readonly problem?: string | undefined;
}

/**
 * A TaskRun's results: step by step the declared ones whose file is there, sorted by name, then those that the task takes from the step's own. A name
 * that comes again keeps its first place and gets the later value. Follows tektoncd/pipeline pkg/pod/status.go, `setTaskRunStatusBasedOnStepStatus`.
 */
export function taskRunResults(spec: TaskSpec, pod: PodObservation): RunResults {
  const declared = new Map((spec.results ?? []).map((result) => [result.name, result]));
  const collected = new Map<string, TaskRunResult>();
  for (const [index, observed] of pod.steps.entries()) {
    for (const name of Object.keys(observed.taskResults).sort()) {
      const result = declared.get(name);
      if (result !== undefined) collected.set(name, decoded(name, result.type, observed.taskResults[name] ?? ''));
    }
    const step = spec.steps?.[index];
    const taken = takenFrom(spec, stepName(step?.name, index));
    for (const { name, type, value } of stepResults(step, observed.results)) {
      const as = taken.get(name);
      if (as !== undefined) collected.set(as, { name: as, type, value });
    }
  }
  return checked([...collected.values()], declared);
}

/** By step result: the task's result that is made of it; of several the last. */
function takenFrom(spec: TaskSpec, step: string): ReadonlyMap<string, string> {
  return new Map(
    (spec.results ?? []).flatMap(({ name, value }): [string, string][] => {
      const result = typeof value === 'string' ? stepResultOf(value, step) : undefined;
      return result === undefined ? [] : [[result, name]];
    }),
  );
}

/** The results a step wrote, sorted by name as upstream's termination message has them. */
export function stepResults(
  step: { readonly results?: readonly { name: string; type?: string | undefined }[] | undefined } | undefined,
  files: Readonly<Record<string, string>>,
): TaskRunResult[] {
  return Object.keys(files)
    .sort()
    .map((name) => decoded(name, step?.results?.find((result) => result.name === name)?.type, files[name] ?? ''));
}

/** A result declared a string is the file's text; any other is what the text decodes to, whatever its declaration. */
function decoded(name: string, type: string | undefined, contents: string): TaskRunResult {
  if (type === 'string') return { name, type, value: contents };
  const value = decodeParamValue(contents);
  return { name, type: paramTypeOf(value), value };
}

function stepResultOf(expression: string, step: string): string | undefined {
  const [, name, result] = /^\$\(steps\.([^.()]+)\.results\.([^.()]+)\)$/.exec(expression.trim()) ?? [];
  return name === step ? result : undefined;
}

function checked(results: readonly TaskRunResult[], declared: ReadonlyMap<string, TaskResult>): RunResults {
  const fitting: TaskRunResult[] = [];
  const mismatches: string[] = [];
  const lacking: [string, string[]][] = [];
  for (const result of results) {
    const wanted = declared.get(result.name);
    if (wanted?.type !== undefined && wanted.type !== result.type) {
      mismatches.push(
        ` "${result.name}": task result is expected to be "${wanted.type}" type but was initialized to a different type "${result.type}"`,
      );
      continue;
    }
    fitting.push(result);
    const { value } = result;
    if (!isObject(value)) continue;
    const keys = Object.keys(wanted?.properties ?? {}).filter((key) => !Object.hasOwn(value, key));
    if (keys.length > 0) lacking.push([result.name, keys]);
  }
  if (mismatches.length > 0) {
    const list = mismatches.sort().join(',');
    return {
      results: fitting,
      problem: `[User error] Provided results don't match declared results; may be invalid JSON or missing result declaration: ${list}`,
    };
  }
  if (lacking.length === 0) return { results: fitting };
  const problem = `[User error] missing keys for these results which are required in TaskResult's properties ${goMapOfLists(new Map(lacking))}`;
  return { results: fitting, problem };
}
