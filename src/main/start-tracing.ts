import { hostname } from 'node:os';
import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Delivery } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { KubeObject } from '../resources/object.ts';
import { eventSpans } from '../traces/event-spans.ts';
import { withSpanContext } from '../traces/run-context.ts';
import { RunTracer } from '../traces/run-tracer.ts';
import { SpanExporter } from '../traces/span-exporter.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import type { Settings } from './settings.ts';
import type { RunAudience } from './start-engine.ts';
import { storeSecrets } from './store-secrets.ts';
import { VERSION } from './version.ts';

export interface Tracing {
  readonly runs: RunAudience;
  readonly events: EventTracing;
  /** Sends what has gathered. */
  close(): Promise<void>;
}

export interface EventTracing {
  /** Tells a run that is about to be created which trace it belongs to. */
  mark(object: KubeObject): KubeObject;
  processed(delivery: Delivery, verdicts: readonly TriggerVerdict[], judgedAt: number): void;
}

export interface TracingOptions {
  readonly settings: Settings['tracing'];
  readonly store: Store;
  readonly http: Http;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Traces from delivery to step, if the settings turn them on. */
export function startTracing({ settings, store, http, clock, logger }: TracingOptions): Tracing | undefined {
  const { enabled, endpoint, credentialsSecret } = settings;
  if (!enabled) return undefined;
  const exporter = new SpanExporter({
    endpoint,
    authorization: () => authorization(store, credentialsSecret),
    http,
    clock,
    logger: logger.child({ part: 'traces' }),
    resource: { 'service.name': 'tappet', 'service.version': VERSION, 'service.instance.id': process.env['POD_NAME'] ?? hostname() },
  });
  return {
    runs: new RunTracer((spans) => exporter.add(spans)),
    events: {
      mark: withSpanContext,
      processed: (delivery, verdicts, judgedAt) => exporter.add(eventSpans(delivery, verdicts, judgedAt, clock.now())),
    },
    close: () => exporter.close(),
  };
}

async function authorization(store: Store, secret: string): Promise<string | undefined> {
  const [namespace = '', name = ''] = secret.split('/');
  if (name === '') return undefined;
  const secrets = storeSecrets(store);
  const [username, password] = await Promise.all(['username', 'password'].map((key) => secrets.read(namespace, name, key)));
  if (username === undefined || password === undefined) throw new Error(`Secret ${secret}: expected the keys username and password`);
  return `Basic ${Buffer.concat([username, Buffer.from(':'), password]).toString('base64')}`;
}
