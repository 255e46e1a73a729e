import { goQuote } from '../expressions/variables/go-quote.ts';
import type { PlannedTask } from './plan.ts';
import { resultOfRun, type StateOf } from './results.ts';

const invalidReference = 'Invalid task result reference: Could not find result with name';

/**
 * Why a task whose turn has come cannot have its results. It is then not created and fails the run ("failed validation").
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/pipelinerunresolution.go, `CheckMissingResultReferences`.
 */
export function missingResult(planned: PlannedTask, stateOf: StateOf): string | undefined {
  for (const { task, result } of planned.references) {
    const producer = stateOf(task);
    if (producer === undefined) return `Result reference error: Could not find ref "${task}" in internal pipelineRunState`;
    const [first] = producer.runs;
    if (first === undefined) {
      const kind = producer.planned.kind === 'CustomRun' ? 'CustomRuns' : 'TaskRuns';
      return `Result reference error: Internal result ref "${task}" has zero-length ${kind}`;
    }
    if (resultOfRun(first, result) !== undefined) continue;
    if (producer.outcome !== 'succeeded') return `${invalidReference} ${result} for pipeline task ${task}`;
    return `task ${goQuote(task)} completed successfully but did not emit the result ${goQuote(result)}, which is referenced by task ${goQuote(planned.name)}`;
  }
  return undefined;
}
