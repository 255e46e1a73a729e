import { EventRecorder } from '../controllers/event-recorder.ts';
import { Informer } from '../controllers/informer.ts';
import { createIntake } from '../events/accept.ts';
import type { AdmitManifest } from '../events/admit-manifests.ts';
import type { Intake } from '../events/arrival.ts';
import { CloudEventSender } from '../events/cloud-event-sender.ts';
import { CloudEvents } from '../events/cloud-events.ts';
import { Configuration, type LiveKind, type LiveKindOptions, type OpenLiveKind } from '../events/configuration.ts';
import { createEventActions } from '../events/create-event-actions.ts';
import type { EventActions } from '../events/event-actions.ts';
import { createInterceptorService, type InterceptorService } from '../events/interceptor-service.ts';
import { createJudge } from '../events/judge.ts';
import { listenerEvents } from '../events/listener-events.ts';
import { ListenerReadiness } from '../events/listener-readiness.ts';
import { listenerStatus } from '../events/listener-status.ts';
import { createOutside } from '../events/outside.ts';
import { EventProcessor } from '../events/process.ts';
import type { Scheduler } from '../events/schedules/scheduler.ts';
import { secretCache } from '../events/secret-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventMeter } from '../ports/event-meter.ts';
import type { Http } from '../ports/http.ts';
import type { Ids } from '../ports/ids.ts';
import type { Delivery, Journal } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import { admit } from '../resources/admit.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { compileListener } from '../triggers/compile-listener.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import { expressionCache } from '../triggers/expression-cache.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';
import { createSchedules } from './create-schedules.ts';
import { judgeOver } from './judge-over.ts';
import { knownSecrets, secretsNamedIn } from './known-secrets.ts';
import type { EventTracing } from './start-tracing.ts';
import { storeSecrets } from './store-secrets.ts';

export interface EventsOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly meter: EventMeter;
  readonly config: EngineConfig;
  /** Whether only this machine can reach the ingress. */
  readonly loopback: boolean;
  readonly http: Http;
  /** Of which of a listener's events Kubernetes Events are written; `failed` when absent. */
  readonly listenerEvents?: 'failed' | 'all' | 'none' | undefined;
  /** Where services of the cluster are reached from here, by `namespace/name`. */
  readonly services?: Readonly<Record<string, string>> | undefined;
  /** Absent: nobody traces. */
  readonly tracing?: EventTracing | undefined;
  /** Absent: yes. */
  readonly mayListSecrets?: boolean | undefined;
  /** Whether this process fires a namespace's schedules. Absent: all. */
  readonly firesSchedulesOf?: ((namespace: string) => boolean) | undefined;
  /** Of the ingress; asked for when it listens. */
  readonly url: () => string;
}

export interface Events {
  readonly intake: Intake;
  readonly actions: EventActions;
  readonly interceptors: InterceptorService;
  readonly schedules: Pick<Scheduler, 'runNow'>;
  /** Listeners and all they lead to, as they are now. */
  readonly configuration: TriggerLookup & { listeners(): Iterable<EventListener> };
  /** Events waiting or in hand. */
  readonly depth: number;
  /** Finishes what is in hand; what waits stays in the journal for the next start. */
  close(): Promise<void>;
}

/** From deliveries to created objects. Resolves when listeners are listed; what an earlier life left undone is taken up meanwhile. */
export async function startEvents(options: EventsOptions): Promise<Events> {
  const { store, journal, clock, ids, logger, meter, config, http, loopback, tracing } = options;
  const live = new Map<GroupKind, LiveKind<KubeObject>>();
  const open: OpenLiveKind = <T extends KubeObject>({ kind, onChange }: LiveKindOptions<T>): LiveKind<T> => {
    const informer = new Informer<T>({
      store,
      clock,
      logger,
      kind,
      onChange: (now, before) => {
        onChange(now, before);
        readiness.changed();
        if (now?.metadata.generation !== before?.metadata.generation) schedules.scheduler.configurationChanged();
      },
    });
    live.set(kind, informer as LiveKind<KubeObject>);
    return informer;
  };
  // Kept over changes of configuration: what did not change is not compiled again.
  const expressions = expressionCache();
  const services = new Map(Object.entries(options.services ?? {}));
  const serviceUrl = (namespace: string, name: string): string | undefined => services.get(`${namespace}/${name}`);
  const compile = (listener: EventListener, lookup: TriggerLookup): CompiledListener =>
    compileListener(listener, lookup, { expressions, loopback, serviceUrl });
  const configuration = new Configuration<CompiledListener>({ open, compile });
  const readiness = new ListenerReadiness({
    store,
    clock,
    logger,
    listeners: () => configuration.listeners(),
    judge: (listener) => configuration.compiled(listener),
    url: ({ metadata }) => `${options.url()}/${metadata.namespace}/${metadata.name}`,
  });
  const outside = createOutside({ secrets: secretCache(storeSecrets(store), clock), http, clock });
  const status = listenerStatus(store, clock, logger);
  const recorder = new EventRecorder({ store, clock, logger });
  const notices = listenerEvents({
    record: (about, event) => recorder.occurrence(about, event),
    clock,
    which: options.listenerEvents ?? 'failed',
  });
  const cloudEventSender = new CloudEventSender({ http, clock, logger });
  const cloudEvents = new CloudEvents(cloudEventSender);
  const admitManifest: AdmitManifest = (raw) => {
    const admission = admit(raw, config);
    return admission.ok && tracing !== undefined ? { ...admission, object: tracing.mark(admission.object) } : admission;
  };
  const schedules = createSchedules({ ...options, outside, admit: admitManifest, configuration, compile });
  const processor = new EventProcessor({
    journal,
    clock,
    logger,
    meter,
    judge: createJudge({ configuration, outside, admit: admitManifest, ticks: schedules.judge }),
    laneOf: schedules.laneOf,
    onProcessed: (delivery, result) => {
      schedules.scheduler.processed(delivery, result);
      tracing?.processed(delivery, result.verdicts, result.judgedAt);
      const found = configuration.listener(`${delivery.namespace}/${delivery.listener}`);
      if (found === undefined) return;
      status.report(found, delivery.eventId, result);
      notices.processed(found, delivery, result.verdicts);
      cloudEvents.processed(found, delivery, result.verdicts);
    },
  });
  const actions = createEventActions({
    journal,
    processor,
    clock,
    ids,
    listenerOf: (delivery) => schedules.listenerOf(delivery) ?? listenerOf(configuration, delivery),
    outside,
    admit: admitManifest,
    secretsOf: (namespaces) =>
      options.mayListSecrets === false ? secretsNamedIn(store, objectsOf(live.values(), namespaces)) : knownSecrets(store, namespaces),
    judgeWith: (objects) =>
      judgeOver(objects, {
        live: (kind) => live.get(kind),
        schedule: (key) => schedules.scheduler.get(key),
        compile,
        store,
        outside,
        admit: admitManifest,
      }),
  });
  await Promise.all([configuration.start(), schedules.scheduler.start()]);
  const recovery = processor.start().catch((error: unknown) => {
    logger.error('events of an earlier life could not be taken up', { error: error instanceof Error ? error.message : String(error) });
  });
  schedules.scheduler.begin(processor);
  return {
    schedules: schedules.scheduler,
    actions,
    interceptors: createInterceptorService(outside),
    configuration,
    intake: createIntake({ configuration, journal, processor, outside, clock, ids, logger, meter, loopback }),
    get depth() {
      return processor.depth;
    },
    async close() {
      await schedules.scheduler.close();
      await processor.close();
      await recovery;
      await status.settled();
      await notices.settled();
      await cloudEventSender.close();
      await readiness.close();
      await configuration.close();
    },
  };
}

function* objectsOf(kinds: Iterable<LiveKind<KubeObject>>, namespaces: readonly string[]): Generator<Stored> {
  for (const kind of kinds) for (const object of kind.values()) if (namespaces.includes(object.metadata.namespace ?? '')) yield object;
}

function listenerOf(configuration: Configuration<CompiledListener>, { namespace, listener }: Delivery): CompiledListener | undefined {
  const found = configuration.listener(`${namespace}/${listener}`);
  return found && configuration.compiled(found);
}
