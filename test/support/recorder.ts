import { setImmediate } from 'node:timers/promises';
import type { Runtime } from '../../src/ports/runtime.ts';
import type { Store } from '../../src/ports/store.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import { sameValue } from '../../src/resources/same-value.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import type { ManualClock } from './manual-clock.ts';
import { mergeDiff } from './merge-diff.ts';
import { type RecordedEvent, RecordedWorld } from './recorded-world.ts';

const KINDS = ['Pipeline', 'Task', 'StepAction', 'PipelineRun', 'TaskRun', 'CustomRun'] as const;

/**
 * Writes down what a whole engine sees while it runs, what is decided on it, and when: every change of runs and definitions in the store,
 * every new observation of a pod, and the instants an engine had asked to look again.
 */
export class Recorder {
  readonly events: RecordedEvent[] = [];
  readonly #world: RecordedWorld;
  readonly #clock: ManualClock;
  readonly #deadlines = new Map<string, number>();
  readonly #abort = new AbortController();

  constructor(config: ConstructorParameters<typeof RecordedWorld>[0], clock: ManualClock) {
    this.#world = new RecordedWorld(config);
    this.#clock = clock;
  }

  follow(store: Store): void {
    for (const kind of KINDS) void this.#follow(store, kind);
  }

  /** The same runtime, overheard. */
  overhear(runtime: Runtime): Runtime {
    return new Proxy(runtime, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        if (name !== 'observe') return method.bind(target);
        return async (uid: string) => {
          const seen = await target.observe(uid);
          if (seen !== undefined) this.#sawPod(uid, seen);
          return seen;
        };
      },
    });
  }

  async end(): Promise<void> {
    await setImmediate();
    this.#abort.abort();
  }

  async #follow(store: Store, kind: string): Promise<void> {
    for await (const { type, object } of store.watch(`tekton.dev/${kind}`, { resourceVersion: '0', signal: this.#abort.signal })) {
      const name = `${kind}/${object.metadata.name}`;
      this.#take({ object: name, is: type === 'DELETED' ? null : mergeDiff(this.#world.object(name), withoutVersion(object)) });
    }
  }

  #sawPod(uid: string, seen: PodObservation): void {
    const known = this.#world.pod(uid);
    const now = JSON.parse(JSON.stringify(seen)) as PodObservation;
    if (!sameValue(known, now)) this.#take({ pod: uid, is: mergeDiff(known, now) });
  }

  #take(event: Omit<RecordedEvent, 'at'>): void {
    const now = this.#clock.now();
    for (const [run, at] of [...this.#deadlines].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b)) {
      this.#deadlines.delete(run);
      this.#note({ at, tick: run });
    }
    this.#note({ at: now, ...event });
  }

  #note(event: RecordedEvent): void {
    const decided = this.#world.take(event);
    this.events.push({ ...event, ...(Object.keys(decided).length > 0 && { decided }) });
    for (const [run, list] of Object.entries(decided)) {
      const again = list.find((each) => (each as { readonly type?: string }).type === 'check-again-at') as
        | { readonly at: number }
        | undefined;
      if (again !== undefined) this.#deadlines.set(run, again.at);
    }
  }
}

function withoutVersion(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return JSON.parse(JSON.stringify({ ...object, metadata })) as KubeObject;
}
