import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { gaugeText } from '../server/metrics/series.ts';

export interface MetricsPageOptions {
  /** Each prints its own series. */
  readonly meters: readonly { text(): string }[];
  readonly journal: Pick<Journal, 'unprocessed'>;
  readonly clock: Clock;
}

/** What the meters counted, and how far behind the journal is. */
export function metricsPage({ meters, journal, clock }: MetricsPageOptions): () => Promise<string> {
  return async () => {
    const [oldest] = await journal.unprocessed(1);
    const lag = oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.receivedAt) / 1000;
    return [...meters.map((meter) => meter.text()), gaugeText('tappet_journal_lag_seconds', lag)].join('');
  };
}
