import type { RunEvent } from '../controllers/condition-event.ts';
import { EventRecorder } from '../controllers/event-recorder.ts';
import { CloudEventSender } from '../events/cloud-event-sender.ts';
import { RunCloudEvents } from '../events/run-cloud-events.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { groupKindOf, type Stored } from '../resources/object.ts';
import type { RunAudience } from './start-engine.ts';

export interface TellSinkOptions {
  readonly store: Store;
  readonly http: Http;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly config: EngineConfig;
}

/** CloudEvents of runs, if the settings name a sink for them. */
export function tellSink(options: TellSinkOptions): (RunAudience & { close(): Promise<void> }) | undefined {
  const { store, clock, ids, config } = options;
  const sink = config['default-cloud-events-sink'];
  if (sink === '') return undefined;
  const logger = options.logger.child({ part: 'cloudevents' });
  const sender = new CloudEventSender({ http: options.http, clock, logger });
  const recorder = new EventRecorder({ store, clock, logger });
  const events = new RunCloudEvents({
    sender,
    sink,
    customRuns: config['send-cloudevents-for-runs'],
    clock,
    ids,
    record: (about, event) => void note(about, event),
  });

  /** An Event goes with what it is about; beside a run that is gone it would stay. */
  async function note(about: Pick<Stored, 'apiVersion' | 'kind' | 'metadata'>, event: RunEvent): Promise<void> {
    const { namespace, name, uid } = about.metadata;
    try {
      const run = await store.get({ kind: groupKindOf(about), namespace, name });
      if (run?.metadata.uid === uid) await recorder.occurrence(run, event);
    } catch (error) {
      logger.warn('it could not be noted what became of a cloud event', { error: error instanceof Error ? error.message : String(error) });
    }
  }
  return {
    changed: (now, before) => events.changed(now, before),
    begin: () => events.begin(),
    end: () => events.end(),
    close: () => sender.close(),
  };
}
