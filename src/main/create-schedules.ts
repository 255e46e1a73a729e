import { Informer } from '../controllers/informer.ts';
import type { AdmitManifest } from '../events/admit-manifests.ts';
import type { Configuration } from '../events/configuration.ts';
import type { Judge } from '../events/judge.ts';
import { createTickJudge } from '../events/schedules/judge-tick.ts';
import { scheduleTarget } from '../events/schedules/schedule-target.ts';
import { Scheduler } from '../events/schedules/scheduler.ts';
import { scheduleOfTick } from '../events/schedules/tick.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Delivery, Journal } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';
import type { Outside } from '../triggers/outside.ts';

export interface SchedulesOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly outside: Outside;
  readonly admit: AdmitManifest;
  readonly configuration: Configuration<CompiledListener>;
  /** Whether this process fires a namespace's schedules. Absent: all. */
  readonly firesSchedulesOf?: ((namespace: string) => boolean) | undefined;
  readonly compile: (listener: EventListener, lookup: TriggerLookup) => CompiledListener;
}

export interface Schedules {
  readonly scheduler: Scheduler;
  /** For deliveries that are ticks. */
  readonly judge: Judge;
  /** Where runs must not overlap, a tick is judged when what the one before it creates is there. */
  readonly laneOf: (delivery: Delivery) => string | undefined;
  /** What a tick is judged by; `undefined` for what is no tick of a schedule that is there. */
  readonly listenerOf: (delivery: Delivery) => CompiledListener | undefined;
}

/** The scheduler and what judges its ticks, over the live copies of the store. */
export function createSchedules(options: SchedulesOptions): Schedules {
  const { store, journal, clock, ids, logger, outside, admit } = options;
  const scheduler = new Scheduler({
    open: (kind) => new Informer({ store, clock, logger, ...kind }),
    store,
    journal,
    clock,
    ids,
    logger,
    target: (schedule) => scheduleTarget(schedule, options),
    firesFor: options.firesSchedulesOf,
  });
  const schedule = (key: string) => scheduler.get(key);
  return {
    scheduler,
    judge: createTickJudge({ schedule, target: (found) => scheduleTarget(found, options), store, outside, admit }),
    listenerOf(delivery) {
      const name = scheduleOfTick(delivery);
      const found = name === undefined ? undefined : schedule(`${delivery.namespace}/${name}`);
      const target = found && scheduleTarget(found, options);
      return target?.ok === true ? target.listener : undefined;
    },
    laneOf(delivery) {
      const name = scheduleOfTick(delivery);
      const key = `${delivery.namespace}/${name}`;
      return name === undefined || schedule(key)?.spec.concurrencyPolicy === 'Allow' ? undefined : key;
    },
  };
}
