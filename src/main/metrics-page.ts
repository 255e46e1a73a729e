import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Engine } from './start-engine.ts';

export interface MetricsPageOptions {
  /** Each prints its own series. */
  readonly meters: readonly { text(): string }[];
  readonly journal: Pick<Journal, 'unprocessed'>;
  readonly clock: Clock;
  /** Absent where another engine executes runs. */
  readonly engine: () => Pick<Engine, 'depth' | 'held'> | undefined;
}

/** What the server itself knows, beside what its meters counted: how far behind it is. */
export function metricsPage({ meters, journal, clock, engine }: MetricsPageOptions): () => Promise<string> {
  return async () => {
    const running = engine();
    return [
      ...meters.map((meter) => meter.text()),
      await journalText(journal, clock),
      ...(running === undefined ? [] : [engineText(running)]),
    ].join('');
  };
}

async function journalText(journal: MetricsPageOptions['journal'], clock: Clock): Promise<string> {
  const [oldest] = await journal.unprocessed(1);
  const lag = oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.receivedAt) / 1000;
  return gauge('tappet_journal_lag_seconds', lag);
}

function engineText({ depth, held }: Pick<Engine, 'depth' | 'held'>): string {
  return gauge('tappet_work_queue_depth', depth) + gauge('tappet_objects_held', held);
}

function gauge(name: string, value: number): string {
  return `# TYPE ${name} gauge\n${name} ${value}\n`;
}
