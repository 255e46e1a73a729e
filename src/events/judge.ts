import type { Delivery } from '../ports/journal.ts';
import type { KubeObject } from '../resources/object.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import { evaluateListener } from '../triggers/evaluate-listener.ts';
import type { OpenEvent } from '../triggers/open-event.ts';
import type { Outside } from '../triggers/outside.ts';
import type { Failed, TriggerVerdict } from '../triggers/verdict.ts';
import { type AdmitManifest, admitManifests } from './admit-manifests.ts';
import type { Configuration } from './configuration.ts';
import { journaledEvent } from './journaled-event.ts';
import { markReplay } from './mark-replay.ts';
import { scheduleOfTick } from './schedules/tick.ts';

/** What judging one event gives: a verdict for each trigger, and for each verdict what is to be created. */
export interface Judgement {
  readonly verdicts: readonly TriggerVerdict[];
  readonly creations: readonly (readonly KubeObject[])[];
}

export type Judge = (delivery: Delivery, opened: OpenEvent | undefined) => Promise<Judgement>;

export interface JudgeOptions {
  readonly configuration: Configuration<CompiledListener>;
  readonly outside: Outside;
  readonly admit: AdmitManifest;
  /** For ticks of schedules, which are no listener's. */
  readonly ticks?: Judge | undefined;
}

/** Judges a delivery by its listener as it is now. Nothing is changed by it, and the same facts give the same judgement. */
export function createJudge({ configuration, outside, admit, ticks }: JudgeOptions): Judge {
  return async (delivery, opened) => {
    if (ticks !== undefined && scheduleOfTick(delivery) !== undefined) return await ticks(delivery, opened);
    const key = `${delivery.namespace}/${delivery.listener}`;
    const listener = configuration.listener(key);
    if (listener === undefined) {
      return {
        verdicts: [failedEvent(delivery, 'resolve', `EventListener ${key} was deleted before the event was processed`)],
        creations: [],
      };
    }
    const from = opened === undefined ? journaledEvent(delivery, outside) : { event: opened, outside };
    // What a signature says of its time was true when the event came, however long it has waited since.
    const then = { ...from.outside, now: () => delivery.receivedAt };
    const verdicts = await evaluateListener(configuration.compiled(listener), from.event, then);
    const admitted = verdicts.map((verdict) => admitManifests(markReplay(verdict, delivery.replayOf), admit));
    return { verdicts: admitted.map(({ verdict }) => verdict), creations: admitted.map(({ creations }) => creations) };
  };
}

/** A verdict on an event as a whole, when there is no trigger to blame. */
export function failedEvent(delivery: Delivery, stage: Failed['stage'], error: string): Failed {
  return { verdict: 'failed', stage, trigger: '', namespace: delivery.namespace, chain: [], tookMs: 0, error };
}
