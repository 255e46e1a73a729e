import type { EventMeter } from '../../ports/event-meter.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';

/** Seconds; upstream's buckets. */
const BUCKETS = [0.001, 0.01, 0.1, 1, 5, 10] as const;

/** Counts events in plain numbers, and prints them as Prometheus text: upstream's series (reference/triggers.md 6.5), and ours. */
export class EventTally implements EventMeter {
  readonly #received = { succeeded: 0, failed: 0 };
  readonly #verdicts: Record<TriggerVerdict['verdict'], number> = { matched: 0, filtered: 0, failed: 0 };
  readonly #created = new Map<string, number>();
  /** One more than there are buckets: the last is `+Inf`. Not cumulative. */
  readonly #durations = new Array<number>(BUCKETS.length + 1).fill(0);
  #seconds = 0;
  #repeated = 0;
  #rejected = 0;
  #forgotten = 0;

  received(status: 'succeeded' | 'failed', seconds: number): void {
    this.#received[status]++;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    const index = bucket < 0 ? BUCKETS.length : bucket;
    this.#durations[index] = (this.#durations[index] ?? 0) + 1;
    this.#seconds += seconds;
  }

  judged(verdict: TriggerVerdict['verdict']): void {
    this.#verdicts[verdict]++;
  }

  created(kind: string): void {
    this.#created.set(kind, (this.#created.get(kind) ?? 0) + 1);
  }

  repeated(): void {
    this.#repeated++;
  }

  rejected(): void {
    this.#rejected++;
  }

  forgotten(count: number): void {
    this.#forgotten += count;
  }

  text(): string {
    let sum = 0;
    const buckets = this.#durations.map((count, index) => {
      sum += count;
      return `eventlistener_http_duration_seconds_bucket{le="${BUCKETS[index] ?? '+Inf'}"} ${sum}`;
    });
    return [
      '# TYPE eventlistener_event_received_total counter',
      ...Object.entries(this.#received).map(([status, count]) => `eventlistener_event_received_total{status="${status}"} ${count}`),
      '# TYPE eventlistener_triggered_resources_total counter',
      ...[...this.#created].map(
        ([kind, count]) => `eventlistener_triggered_resources_total{kind="${kind.replace(/["\\\n]/g, '')}"} ${count}`,
      ),
      '# TYPE eventlistener_http_duration_seconds histogram',
      ...buckets,
      `eventlistener_http_duration_seconds_sum ${this.#seconds}`,
      `eventlistener_http_duration_seconds_count ${sum}`,
      '# TYPE tappet_trigger_verdicts_total counter',
      ...Object.entries(this.#verdicts).map(([verdict, count]) => `tappet_trigger_verdicts_total{verdict="${verdict}"} ${count}`),
      '# TYPE tappet_deliveries_repeated_total counter',
      `tappet_deliveries_repeated_total ${this.#repeated}`,
      '# TYPE tappet_deliveries_rejected_total counter',
      `tappet_deliveries_rejected_total ${this.#rejected}`,
      '# TYPE tappet_events_forgotten_total counter',
      `tappet_events_forgotten_total ${this.#forgotten}`,
      '',
    ].join('\n');
  }
}
