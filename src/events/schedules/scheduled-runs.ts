import type { Logger } from '../../ports/logger.ts';
import type { Store } from '../../ports/store.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import { runOutcome } from '../../resources/run-outcome.ts';
import type { LiveKind, OpenLiveKind } from '../configuration.ts';
import { EVENT_LABEL, isRunOfItsOwn, RUN_KINDS } from './overlap.ts';
import { SCHEDULE_LABEL, SCHEDULED_FOR } from './tick.ts';

export interface ActiveRun {
  readonly kind: string;
  readonly name: string;
  readonly scheduledFor?: string | undefined;
}

export interface ScheduledRunsOptions {
  readonly open: OpenLiveKind;
  readonly store: Store;
  readonly logger: Logger;
  /** What is known of a schedule's last success from before, in milliseconds since the epoch. */
  readonly remembered: (key: string) => number | undefined;
  /** Something about a schedule's runs changed. Schedules are named `namespace/name`. */
  readonly onChange: (key: string) => void;
}

/** What became of the runs that schedules began: which go on, and when the newest tick was due all of whose runs have succeeded. */
export class ScheduledRuns {
  readonly #options: ScheduledRunsOptions;
  readonly #kinds: readonly LiveKind<KubeObject>[];
  /** By schedule, then by kind and name. */
  readonly #active = new Map<string, Map<string, Stored>>();
  readonly #lastSuccess = new Map<string, number>();
  /** Ticks of which a run has succeeded and others may not have: by schedule the event of each, by when it was due. */
  readonly #candidates = new Map<string, Map<number, string>>();
  #checking: Promise<void> | undefined;
  #listed = false;

  constructor(options: ScheduledRunsOptions) {
    this.#options = options;
    this.#kinds = RUN_KINDS.map((kind) =>
      options.open<KubeObject>({
        kind,
        labelSelector: SCHEDULE_LABEL,
        // What is done is heard of and then let go of, or memory would grow with history.
        hold: (run) => runOutcome(run) === 'running',
        onChange: (now, before) => this.#onRun(now, before),
      }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#kinds.map((kind) => kind.start()));
    this.#listed = true;
  }

  async close(): Promise<void> {
    await Promise.all(this.#kinds.map((kind) => kind.close()));
    this.#candidates.clear();
    await this.#checking;
  }

  /** The oldest first; `undefined` while they have not been listed yet. */
  active(key: string): readonly ActiveRun[] | undefined {
    if (!this.#listed) return undefined;
    const runs = [...(this.#active.get(key)?.values() ?? [])].map(({ kind, metadata }) => ({
      kind,
      name: metadata.name,
      scheduledFor: metadata.annotations?.[SCHEDULED_FOR],
    }));
    return runs.sort((a, b) => compare(a.scheduledFor ?? '', b.scheduledFor ?? '') || compare(a.name, b.name));
  }

  lastSuccess(key: string): number | undefined {
    const [seen, remembered] = [this.#lastSuccess.get(key), this.#options.remembered(key)];
    return seen === undefined || remembered === undefined ? (seen ?? remembered) : Math.max(seen, remembered);
  }

  #onRun(now: Stored | undefined, before: Stored | undefined): void {
    const run = now ?? before;
    const schedule = run?.metadata.labels?.[SCHEDULE_LABEL];
    if (run === undefined || schedule === undefined || !isRunOfItsOwn(run)) return;
    const key = `${run.metadata.namespace ?? ''}/${schedule}`;
    const active = this.#active.get(key) ?? new Map<string, Stored>();
    const id = `${run.kind}/${run.metadata.name}`;
    if (now !== undefined && runOutcome(now) === 'running') active.set(id, now);
    else active.delete(id);
    if (active.size === 0) this.#active.delete(key);
    else this.#active.set(key, active);
    if (now !== undefined && runOutcome(now) === 'succeeded') this.#consider(key, now);
    this.#options.onChange(key);
  }

  #consider(key: string, { metadata }: Stored): void {
    const due = Date.parse(metadata.annotations?.[SCHEDULED_FOR] ?? '');
    const event = metadata.labels?.[EVENT_LABEL];
    if (event === undefined || !(due > (this.lastSuccess(key) ?? Number.NEGATIVE_INFINITY))) return;
    const candidates = this.#candidates.get(key) ?? new Map<number, string>();
    this.#candidates.set(key, candidates.set(due, event));
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
  }

  /** The newest first, so that a long history costs one look. */
  async #check(): Promise<void> {
    for (let [next] = this.#candidates; next !== undefined; [next] = this.#candidates) {
      const [key, candidates] = next;
      // Not by spreading them: there may be more than a call takes arguments.
      const due = [...candidates.keys()].reduce((newest, other) => Math.max(newest, other), Number.NEGATIVE_INFINITY);
      const event = candidates.get(due) ?? '';
      candidates.delete(due);
      const succeeded = await this.#allSucceeded(key, event);
      if (succeeded) {
        this.#lastSuccess.set(key, Math.max(due, this.lastSuccess(key) ?? due));
        for (const older of candidates.keys()) if (older < due) candidates.delete(older);
        this.#options.onChange(key);
      }
      if (candidates.size === 0 && this.#candidates.get(key) === candidates) this.#candidates.delete(key);
    }
  }

  async #allSucceeded(key: string, event: string): Promise<boolean> {
    const { store, logger } = this.#options;
    const [namespace] = key.split('/');
    try {
      const lists = await Promise.all(RUN_KINDS.map((kind) => store.list(kind, { namespace, labelSelector: `${EVENT_LABEL}=${event}` })));
      return lists.every(({ items }) => items.every((run) => !isRunOfItsOwn(run) || runOutcome(run) === 'succeeded'));
    } catch (error) {
      // The tick's next change brings us back here, or the next tick.
      logger.warn('runs of a tick not looked at', { schedule: key, error: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
