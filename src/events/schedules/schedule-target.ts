import type { EventListener } from '../../resources/event-listener/schema.ts';
import type { Stored } from '../../resources/object.ts';
import type { Schedule } from '../../resources/schedule/schema.ts';
import type { CompiledListener } from '../../triggers/compiled-listener.ts';
import { ALLOW_SHA1, ALLOW_UNSIGNED } from '../../triggers/listener-policy.ts';
import type { TriggerLookup } from '../../triggers/lookup.ts';
import type { Configuration } from '../configuration.ts';

/** What a schedule's ticks go to. */
export type ScheduleTarget = { readonly ok: true; readonly listener: CompiledListener } | { readonly ok: false; readonly error: string };

export interface ScheduleTargetOptions {
  readonly configuration: Configuration<CompiledListener>;
  readonly compile: (listener: EventListener, lookup: TriggerLookup) => CompiledListener;
}

/**
 * The listener a schedule names, or one made of its own trigger. That one is made anew each time, which costs less than knowing when not to:
 * expressions are kept by `compile`, and ticks are seconds apart at the least.
 */
export function scheduleTarget({ metadata, spec }: Stored<Schedule>, { configuration, compile }: ScheduleTargetOptions): ScheduleTarget {
  const { name, namespace = '' } = metadata;
  if (spec.trigger !== undefined) {
    const listener: EventListener = {
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'EventListener',
      // Nobody but us can send to it. What is created is labelled with the schedule's name where a listener's stands.
      metadata: { name, namespace, annotations: { [ALLOW_UNSIGNED]: 'true', [ALLOW_SHA1]: 'true' } },
      spec: { triggers: [spec.trigger] },
    };
    return { ok: true, listener: compile(listener, configuration) };
  }
  const listener = configuration.listener(`${namespace}/${spec.eventListener ?? ''}`);
  if (listener !== undefined) return { ok: true, listener: configuration.compiled(listener) };
  const wanted = `eventlistener.triggers.tekton.dev "${spec.eventListener}"`;
  return { ok: false, error: `error getting EventListener: ${wanted} not found in namespace ${namespace}` };
}
