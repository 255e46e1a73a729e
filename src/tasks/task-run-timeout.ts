import { parseDuration } from '../resources/duration.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';

/** Milliseconds of one attempt; 0 is none. */
export function taskRunTimeout({ spec: { timeout } }: TaskRun, config: EngineConfig): number {
  return (timeout === undefined ? undefined : parseDuration(timeout)) ?? config['default-timeout-minutes'] * 60_000;
}
