import type { Clock } from '../ports/clock.ts';
import type { EventMeter } from '../ports/event-meter.ts';
import type { Ids } from '../ports/ids.ts';
import type { Journal } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import { compileListener } from '../triggers/compile-listener.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import { createIntake } from './accept.ts';
import type { AdmitManifest } from './admit-manifests.ts';
import type { Intake } from './arrival.ts';
import { Configuration, type OpenLiveKind } from './configuration.ts';
import { createJudge } from './judge.ts';
import { listenerStatus } from './listener-status.ts';
import { createOutside } from './outside.ts';
import { EventProcessor } from './process.ts';
import { secretCache } from './secret-cache.ts';

export interface EventsOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly meter: EventMeter;
  /** Checks and completes what templates render. */
  readonly admit: AdmitManifest;
  /** Live copies of kinds in the store. */
  readonly open: OpenLiveKind;
  /** Whether only this machine can reach the ingress. */
  readonly loopback: boolean;
}

export interface Events {
  readonly intake: Intake;
  /** Events waiting or in hand. */
  readonly depth: number;
  /** Resolves when what an earlier life left has been processed; never rejects. */
  readonly recovered: Promise<void>;
  /** Resolves when nothing waits and nothing is in hand. */
  idle(): Promise<void>;
  /** Ends after what is in hand; what waits is in the journal. Close the ingress first. */
  close(): Promise<void>;
}

/** Everything between a request and what it creates. Resolves when the configuration is known, so that no listener is taken for missing. */
export async function startEvents(options: EventsOptions): Promise<Events> {
  const { store, journal, clock, ids, logger, meter, admit, open, loopback } = options;
  const outside = createOutside(secretCache(options.secrets, clock));
  const configuration = new Configuration<CompiledListener>({ open, compile: compileListener });
  const status = listenerStatus(store, clock, logger);
  const processor = new EventProcessor({
    journal,
    clock,
    logger,
    meter,
    judge: createJudge({ configuration, outside, admit }),
    onProcessed: ({ namespace, listener: name, eventId }, result) => {
      const listener = configuration.listener(`${namespace}/${name}`);
      if (listener !== undefined) status.report(listener, eventId, result);
    },
  });
  await configuration.start();
  const recovered = processor.start().catch((error: unknown) => {
    logger.error('recovery of events ended early', { error: error instanceof Error ? error.message : String(error) });
  });
  return {
    intake: createIntake({ configuration, journal, processor, outside, clock, ids, logger, meter, loopback }),
    get depth() {
      return processor.depth;
    },
    recovered,
    idle: () => processor.idle(),
    async close() {
      await processor.close();
      await recovered;
      await status.settled();
      await configuration.close();
    },
  };
}
