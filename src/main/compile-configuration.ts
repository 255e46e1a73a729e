import { Configuration } from '../events/configuration.ts';
import { layOver } from '../events/lay-over.ts';
import { scheduleTarget } from '../events/schedules/schedule-target.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import { groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';
import type { Schedule } from '../resources/schedule/schema.ts';
import { compileListener } from '../triggers/compile-listener.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';

/** What a server that had just these objects would know of its listeners, and of schedules with a trigger of their own as `schedule/<name>`. */
export function compileConfiguration(
  objects: readonly KubeObject[],
  { loopback = true }: { readonly loopback?: boolean } = {},
): readonly CompiledListener[] {
  const compile = (listener: EventListener, lookup: TriggerLookup): CompiledListener => compileListener(listener, lookup, { loopback });
  const configuration = new Configuration<CompiledListener>({ open: layOver(objects, () => undefined), compile });
  const schedules = objects.filter((object): object is Stored<Schedule> => groupKindOf(object) === 'tappet.dev/Schedule');
  return [
    ...[...configuration.listeners()].map((listener) => configuration.compiled(listener)),
    ...schedules.flatMap((schedule) => {
      const target = schedule.spec.trigger === undefined ? undefined : scheduleTarget(schedule, { configuration, compile });
      return target?.ok === true ? [{ ...target.listener, name: `schedule/${schedule.metadata.name}` }] : [];
    }),
  ];
}
