import { parseDuration } from '../resources/duration.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

const minute = 60_000;

/** Milliseconds; 0 is no limit. `undefined` is not the same: nothing was said, and a task gets the default. */
export interface RunTimeouts {
  readonly pipeline: number;
  readonly tasks: number | undefined;
  readonly finally: number | undefined;
}

/**
 * A run's three limits. Those of tasks and of finally tasks follow from the other two where both are given and neither is "none"; the
 * difference can be 0, which is then "none". Follows tektoncd/pipeline pkg/apis/pipeline/v1/pipelinerun_types.go.
 */
export function runTimeouts(run: PipelineRun, config: EngineConfig): RunTimeouts {
  const pipeline = milliseconds(run.spec.timeouts?.pipeline);
  const tasks = milliseconds(run.spec.timeouts?.tasks);
  const last = milliseconds(run.spec.timeouts?.finally);
  return {
    pipeline: pipeline ?? config['default-timeout-minutes'] * minute,
    tasks: tasks ?? remainder(pipeline, last),
    finally: last ?? remainder(pipeline, tasks),
  };
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function remainder(whole: number | undefined, part: number | undefined): number | undefined {
  return whole && part ? whole - part : undefined;
}

/** Strictly more than the limit has gone by since `since` (milliseconds since the epoch; absent: not begun). */
export function exceeded(limit: number | undefined, since: number | undefined, now: number): boolean {
  return limit !== undefined && limit !== 0 && since !== undefined && now - since > limit;
}

/** When to look again because a limit will then be exceeded; `undefined` when no limit is running or all are past. */
export function nextDeadline(timeouts: RunTimeouts, start: number, finallyStart: number | undefined, now: number): number | undefined {
  const limits =
    finallyStart === undefined
      ? [deadline(timeouts.tasks, start), deadline(timeouts.pipeline, start)]
      : [deadline(timeouts.finally, finallyStart), deadline(timeouts.pipeline, start)];
  const ahead = limits.filter((limit) => limit !== undefined).filter((limit) => limit > now);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

/** The first whole millisecond at which `exceeded` holds. */
function deadline(limit: number | undefined, since: number): number | undefined {
  return limit === undefined || limit === 0 ? undefined : since + Math.floor(limit) + 1;
}

/**
 * The timeout a child is created with when neither its pipeline task nor the run says one: the phase's limit if that is none or longer
 * than the default, else nothing, so that the default applies and the run's own clock ends it earlier.
 */
export function phaseTimeout(limit: number | undefined, config: EngineConfig): number | undefined {
  if (limit === undefined) return undefined;
  return limit === 0 || limit > config['default-timeout-minutes'] * minute ? limit : undefined;
}
