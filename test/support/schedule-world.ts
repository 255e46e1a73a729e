import { type Events, startEvents } from '../../src/main/start-events.ts';
import type { Journal, JournalEntry } from '../../src/ports/journal.ts';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import { renderFieldErrors } from '../../src/resources/field-error.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import type { Schedule, ScheduleStatus } from '../../src/resources/schedule/schema.ts';
import { EventTally } from '../../src/server/metrics/event-tally.ts';
import { type MemoryStores, openMemory } from '../../src/stores/memory/open-memory.ts';
import { countingIds } from './counting-ids.ts';
import { ManualClock } from './manual-clock.ts';
import { silentLogger } from './silent-logger.ts';

/** What one tick's body says. */
export interface TickBody {
  readonly schedule: string;
  readonly scheduledFor: string;
  readonly firedAt: string;
  readonly lastSuccess: string;
  readonly manual: boolean;
}

/** Real events and schedules over the memory store; a server is begun and ended as often as a test likes, and the test turns the clock. */
export class ScheduleWorld {
  readonly clock: ManualClock;
  readonly stores: MemoryStores;
  readonly #servers: Events[] = [];

  constructor(now: string) {
    this.clock = new ManualClock(Date.parse(now));
    this.stores = openMemory({ clock: this.clock, ids: countingIds() });
  }

  /** `journal`: in place of the stores' own. */
  async startServer(journal: Journal = this.stores.journal): Promise<Events> {
    const { clock } = this;
    const events = await startEvents({
      store: this.stores.store,
      journal,
      clock,
      ids: countingIds(),
      logger: silentLogger,
      meter: new EventTally(),
      config: defaultEngineConfig,
      http: { send: async () => ({ ok: false, code: 'Unreachable', message: 'nobody is there' }), close: async () => {} },
      loopback: true,
      url: () => 'http://ingress.test',
    });
    this.#servers.push(events);
    await this.settle();
    return events;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.close();
    await this.stores.close();
  }

  /** Turns the clock forward, from timer to timer, and lets come of each what comes. */
  async turn(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    for (let next = this.clock.next; next !== undefined && next <= until; next = this.clock.next) {
      this.clock.advance(Math.max(0, next - this.clock.now()));
      await this.settle();
    }
    this.clock.advance(until - this.clock.now());
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 8 || this.#servers.some(({ depth }) => depth > 0); turn++)
      await new Promise((resolve) => setImmediate(resolve));
  }

  /** As a user applies it. */
  async apply(name: string, spec: Partial<Schedule['spec']>): Promise<Stored<Schedule>> {
    const defaults = spec.eventListener === undefined ? { trigger: buildTrigger } : {};
    const metadata = { name, namespace: 'ns' };
    const raw = { apiVersion: 'tappet.dev/v1alpha1', kind: 'Schedule', metadata, spec: { schedule: '* * * * *', ...defaults, ...spec } };
    const admission = admit(raw, defaultEngineConfig);
    if (!admission.ok) throw new Error(renderFieldErrors(admission.errors));
    const { store } = this.stores;
    const known = await store.get({ kind: 'tappet.dev/Schedule', ...metadata });
    const object = admission.object as Schedule;
    const stored = known === undefined ? await store.create<Schedule>(object) : await store.update<Schedule>(object);
    await this.settle();
    return stored;
  }

  async status(name: string): Promise<ScheduleStatus> {
    const schedule = await this.stores.store.get<Schedule>({ kind: 'tappet.dev/Schedule', namespace: 'ns', name });
    if (schedule === undefined) throw new Error(`no Schedule ${name}`);
    return schedule.status ?? {};
  }

  /** The events of one schedule, the oldest first. */
  async events(name: string): Promise<readonly JournalEntry[]> {
    return (await this.stores.journal.list({ listener: `schedule/${name}`, limit: 10_000 })).toReversed();
  }

  async bodies(name: string): Promise<readonly TickBody[]> {
    return (await this.events(name)).map(({ body }) => JSON.parse(body.toString()));
  }

  /** When the ticks that fired were due, as `12:00:00`. */
  async fired(name: string): Promise<readonly string[]> {
    return (await this.bodies(name)).map(({ scheduledFor }) => scheduledFor.slice(11, 19));
  }

  async runs(): Promise<readonly Stored[]> {
    return (await this.stores.store.list('tekton.dev/PipelineRun')).items;
  }

  /** Ends a run as the engine would. */
  async end(run: Stored, status: 'True' | 'False'): Promise<void> {
    const current = await this.stores.store.get({ kind: 'tekton.dev/PipelineRun', namespace: 'ns', name: run.metadata.name });
    if (current === undefined) throw new Error('the run is gone');
    const conditions = [{ type: 'Succeeded', status, reason: status === 'True' ? 'Succeeded' : 'Failed' }];
    await this.stores.store.updateStatus({ ...current, status: { conditions } });
    await this.settle();
  }

  async create(object: KubeObject): Promise<void> {
    await this.stores.store.create(object);
    await this.settle();
  }
}

const buildTrigger: Schedule['spec']['trigger'] = {
  name: 'build',
  bindings: [
    { name: 'due', value: '$(body.scheduledFor)' },
    { name: 'since', value: '$(body.lastSuccess)' },
  ],
  template: {
    spec: {
      params: [{ name: 'due' }, { name: 'since' }],
      resourcetemplates: [
        {
          apiVersion: 'tekton.dev/v1',
          kind: 'PipelineRun',
          metadata: { generateName: 'build-' },
          spec: {
            pipelineRef: { name: 'build' },
            params: [
              { name: 'due', value: '$(tt.params.due)' },
              { name: 'since', value: '$(tt.params.since)' },
            ],
          },
        },
      ],
    },
  },
};
