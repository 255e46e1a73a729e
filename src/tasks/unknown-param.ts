import { unknownVariableWithDetail } from '../expressions/variables/reference-rules.ts';
import type { Param } from '../resources/params.ts';
import type { Step, TaskSpec } from '../resources/task/schema.ts';

/**
 * A use of a param that neither the task declares nor the run gives, with its place. For referenced Tasks, which are only found out when their
 * pod is made: admission has refused such embedded tasks, and what a pipeline embeds holds values by now. Unlike upstream this looks at the
 * task before substitution, so that a value which happens to contain `$(params.x)`, say from a webhook's payload, cannot fail a run.
 */
export function unknownParam(spec: TaskSpec, params: readonly Param[]): string | undefined {
  const known = new Set([...(spec.params ?? []), ...params].map(({ name }) => name));
  for (const [index, step] of (spec.steps ?? []).entries()) {
    for (const [place, text] of textsOf(step)) {
      const message = unknownVariableWithDetail(text, 'params', known);
      if (message !== undefined) return `${message}: steps[${index}].${place}`;
    }
  }
  return undefined;
}

function textsOf(step: Step): readonly [string, string][] {
  return [
    ['image', step.image ?? ''],
    ['workingDir', step.workingDir ?? ''],
    ['script', step.script ?? ''],
    ...(step.command ?? []).map((text, index): [string, string] => [`command[${index}]`, text]),
    ...(step.args ?? []).map((text, index): [string, string] => [`args[${index}]`, text]),
    ...(step.env ?? []).map(({ name, value }): [string, string] => [`env[${name}].value`, value ?? '']),
  ];
}
