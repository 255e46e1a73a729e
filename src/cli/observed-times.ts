import { succeeded, time } from './columns.ts';
import type { CliClock } from './context.ts';
import type { Run } from './follow-run.ts';
import type { RunRow } from './run-rows.ts';

/** The times of a status are whole seconds. What begins at most so long before we see it, began as we watch. */
const AS_WE_WATCH_MS = 1_500;

/** When things began and ended as the watcher saw it: to the millisecond, where the status only knows seconds. */
export class ObservedTimes {
  readonly #clock: Pick<CliClock, 'now'>;
  readonly #began = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  #runBegan: number | undefined;
  #runEnded: number | undefined;

  constructor(clock: Pick<CliClock, 'now'>) {
    this.#clock = clock;
  }

  seeRun(run: Run): void {
    const now = this.#clock.now();
    const started = time(run.status?.startTime);
    const over = (succeeded(run)?.status ?? 'Unknown') !== 'Unknown';
    if (!over && started !== undefined && now - started < AS_WE_WATCH_MS) this.#runBegan ??= now;
    if (over && this.#runBegan !== undefined) this.#runEnded ??= now;
  }

  seeRow(row: RunRow): void {
    const now = this.#clock.now();
    const over = row.state !== 'running' && row.state !== 'pending' && row.state !== 'waiting';
    if (over) {
      if (this.#began.has(row.task) && !this.#ended.has(row.task)) this.#ended.set(row.task, now);
      return;
    }
    this.#ended.delete(row.task);
    if (row.startedAt !== undefined && !this.#began.has(row.task) && now - row.startedAt < AS_WE_WATCH_MS) this.#began.set(row.task, now);
  }

  get runStarted(): number | undefined {
    return this.#runBegan;
  }

  get runEnded(): number | undefined {
    return this.#runEnded;
  }

  /** The row with what was seen in place of what its status says. */
  ofRow(row: RunRow): RunRow {
    const began = this.#began.get(row.task);
    return began === undefined ? row : { ...row, startedAt: began, endedAt: this.#ended.get(row.task) };
  }
}
