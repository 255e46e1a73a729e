import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { WhenExpression } from '../resources/pipeline/schema.ts';
import type { SkippedTask } from '../resources/pipeline-run/schema.ts';
import { replaceInWhen } from '../resources/task/replace-when.ts';
import type { Layout } from './plan.ts';
import type { Schedule } from './schedule.ts';
import { skipReasons } from './skip.ts';

/**
 * `status.skippedTasks`, in the pipeline's order. Guards are shown with values; a finally task's only when they were the reason.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/pipelinerunstate.go, `GetSkippedTasks`.
 */
export function skippedTasks(schedule: Schedule, kept: Layout['kept']): readonly SkippedTask[] {
  const results = knownResults(schedule);
  const tasks: SkippedTask[] = [];
  for (let place = 0; place < schedule.skipped.length; place++) {
    const reason = schedule.skipped[place];
    const planned = reason && schedule.states[place]?.planned;
    if (reason === undefined || planned === undefined) continue;
    const told = kept.size === 0 ? undefined : kept.get(place);
    if (told?.type === 'skipped') {
      tasks.push(told.told);
      continue;
    }
    const { name, when } = planned.task;
    if (when === undefined || when.length === 0 || (planned.isFinal && reason !== skipReasons.when)) {
      tasks.push({ name, reason });
      continue;
    }
    const shown = schedule.resolved(place).when ?? when;
    tasks.push({ name, reason, whenExpressions: schedule.resolution(place).ok ? shown : results(shown) });
  }
  return tasks;
}

/** Fills in what other tasks' references brought to light, for a task whose own references are not all there: upstream does so in passing. */
function knownResults({ states, resolution }: Schedule): (when: WhenExpression[]) => WhenExpression[] {
  let builder: ReturnType<typeof replacementsBuilder> | undefined;
  return (when) => {
    if (builder === undefined) {
      builder = replacementsBuilder();
      for (const [place, { planned, outcome }] of states.entries()) {
        const ended = outcome === 'succeeded' || outcome === 'failed';
        const resolved = ended && planned.references.length > 0 ? resolution(place) : undefined;
        if (resolved?.ok) {
          for (const [key, value] of resolved.replacements.strings) builder.strings.set(key, value);
          for (const [key, value] of resolved.replacements.arrays) builder.arrays.set(key, value);
        }
      }
    }
    const replacements = builder;
    return when.map((expression) => replaceInWhen(expression, replacements));
  };
}
