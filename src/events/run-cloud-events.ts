import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import { asV1beta1 } from '../resources/as-v1beta1.ts';
import type { Condition, Stored } from '../resources/object.ts';
import type { CloudEventSender } from './cloud-event-sender.ts';

export interface RunCloudEventsOptions {
  readonly sender: CloudEventSender;
  /** `default-cloud-events-sink`. */
  readonly sink: string;
  /** `send-cloudevents-for-runs`: of CustomRuns too, unless their own controller sends them. */
  readonly customRuns: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Notes beside the run whether its event was delivered. */
  readonly record: (
    about: Pick<Stored, 'apiVersion' | 'kind' | 'metadata'>,
    event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
  ) => void;
}

type Word = 'queued' | 'started' | 'running' | 'unknown' | 'successful' | 'failed';

/** What was said of one run last, and every word said of it. */
interface Told {
  readonly condition: string;
  readonly words: ReadonlySet<Word>;
}

/**
 * Tells one sink what becomes of PipelineRuns, TaskRuns and CustomRuns, in upstream's types, attributes and data (reference/pipelines.md 8.3). Each
 * word once a run, `unknown` whenever the condition says something else. Listens to what the loops' copies of the store hear and keeps nobody waiting.
 *
 * Unlike upstream, a restart tells nothing twice: of a run that is there when the server starts, what it says by then counts as told.
 */
export class RunCloudEvents {
  readonly #options: RunCloudEventsOptions;
  /** By uid; of runs that go on. */
  readonly #told = new Map<string, Told>();
  #begun = false;

  constructor(options: RunCloudEventsOptions) {
    this.#options = options;
  }

  /** Call once, when all is listed. */
  begin(): void {
    this.#begun = true;
  }

  /** All will be told anew, as at a start. */
  end(): void {
    this.#begun = false;
    this.#told.clear();
  }

  /** The informers' listener. Returns at once. */
  changed(now: Stored | undefined, before: Stored | undefined): void {
    if (now === undefined) {
      if (before !== undefined) this.#told.delete(before.metadata.uid);
      return;
    }
    const { sink, customRuns } = this.#options;
    if (sink === '' || (now.kind === 'CustomRun' && !customRuns)) return;
    const { uid } = now.metadata;
    const condition = succeeded(now);
    const isDone = condition?.status === 'True' || condition?.status === 'False';
    const told = this.#told.get(uid);
    const says = JSON.stringify([condition?.status ?? '', condition?.reason ?? '', condition?.message ?? '']);
    if (told?.condition === says) return;
    const word = wordFor(now.kind, condition);
    if (isDone) this.#told.delete(uid);
    else this.#told.set(uid, { condition: says, words: new Set(told?.words).add(word) });
    // One that is done and of which nothing was told was done before this server listened: what is done is not kept in mind.
    const isKnown = told === undefined && (isDone || !this.#begun);
    if (isKnown || (word !== 'unknown' && told?.words.has(word) === true)) return;
    this.#send(now, word);
  }

  #send(run: Stored, word: Word): void {
    const { sender, sink, ids, clock, record } = this.#options;
    const { apiVersion, kind, metadata } = run;
    const data = { [`${kind[0]?.toLowerCase()}${kind.slice(1)}`]: asV1beta1(run) };
    sender.send({
      uri: sink,
      lane: metadata.uid,
      events: [
        {
          id: ids.uuid(),
          type: `dev.tekton.event.${kind.toLowerCase()}.${word}.v1`,
          source: `/apis/${apiVersion}/namespaces/${metadata.namespace ?? ''}/${kind}/${metadata.name}`,
          subject: metadata.name,
          time: clock.now(),
          data: JSON.stringify(data),
        },
      ],
      settled: ({ type }, error) =>
        record(
          { apiVersion, kind, metadata },
          error === undefined
            ? { type: 'Normal', reason: 'CloudEventSent', message: `Sent ${type}` }
            : { type: 'Warning', reason: 'CloudEventFailed', message: error },
        ),
    });
  }
}

/** Follows tektoncd/pipeline pkg/reconciler/events/cloudevent/cloudevent.go, `getEventType`. */
function wordFor(kind: string, condition: Condition | undefined): Word {
  if (condition === undefined) return kind === 'CustomRun' ? 'started' : 'queued';
  switch (condition.status) {
    case 'True':
      return 'successful';
    case 'False':
      return 'failed';
    case 'Unknown':
      // Reasons of custom tasks are their controllers' own.
      if (kind === 'CustomRun' || condition.reason === 'Running') return 'running';
      return condition.reason === 'Started' ? 'started' : 'unknown';
  }
}

function succeeded({ status }: Stored & { readonly status?: unknown }): Condition | undefined {
  const conditions = typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : undefined;
  return Array.isArray(conditions) ? conditions.find((condition: Condition | null) => condition?.type === 'Succeeded') : undefined;
}
