import { formatDuration, parseDuration } from '../duration.ts';
import type { EngineConfig } from '../engine-config.ts';
import { type FieldError, fieldError, invalidValue, underEach } from '../field-error.ts';
import type { PipelineRunSpec } from './schema.ts';

/** 2.10: the parts fit into the whole, 0 stands for no end. Paths are relative to the spec. */
export function validateTimeouts(spec: PipelineRunSpec, config: EngineConfig): readonly FieldError[] {
  const times = {
    pipeline: milliseconds(spec.timeouts?.pipeline),
    tasks: milliseconds(spec.timeouts?.tasks),
    finally: milliseconds(spec.timeouts?.finally),
  };
  const whole = times.pipeline ?? config['default-timeout-minutes'] * 60_000;
  const errors: FieldError[] = [];
  for (const [field, time] of Object.entries(times)) {
    if (time !== undefined && time < 0) errors.push(invalidValue(`${formatDuration(time)} should be >= 0`, `timeouts.${field}`));
  }
  for (const field of ['tasks', 'finally'] as const) {
    const time = times[field];
    if (time === undefined || whole === 0) continue;
    if (time > whole) errors.push(invalidValue(`${formatDuration(time)} should be <= pipeline duration`, `timeouts.${field}`));
    if (time === 0) errors.push(invalidValue('0s (no timeout) should be <= pipeline duration', `timeouts.${field}`));
  }
  // Upstream compares even when the whole has no end, so that two parts with ends are refused then.
  if (times.tasks !== undefined && times.finally !== undefined && times.tasks + times.finally > whole) {
    const message = `invalid value: ${formatDuration(times.tasks)} + ${formatDuration(times.finally)} should be <= pipeline duration`;
    errors.push(fieldError(message, ['timeouts.finally', 'timeouts.tasks']));
  }
  return [...errors, ...validateTaskTimeouts(spec, times.tasks, whole, times.pipeline !== undefined)];
}

function validateTaskTimeouts(spec: PipelineRunSpec, tasks: number | undefined, whole: number, given: boolean): readonly FieldError[] {
  const [most, name] =
    tasks === undefined ? [whole, given ? 'pipeline duration' : 'default pipeline duration'] : [tasks, 'pipeline tasks duration'];
  return underEach('taskRunSpecs', spec.taskRunSpecs, ({ timeout }) => {
    const time = milliseconds(timeout);
    if (time === undefined) return [];
    // A limit that is none is told here once more, as upstream does.
    const negative = [time, most].find((each) => each < 0);
    if (negative !== undefined) return [invalidValue(`${formatDuration(negative)} should be >= 0`, 'timeout')];
    return most !== 0 && time > most
      ? [invalidValue(`${formatDuration(time)} should be <= ${name} ${formatDuration(most)}`, 'timeout')]
      : [];
  });
}

function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
