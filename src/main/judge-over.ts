import type { AdmitManifest } from '../events/admit-manifests.ts';
import { Configuration, type LiveKind } from '../events/configuration.ts';
import { createJudge, type Judge } from '../events/judge.ts';
import { layOver } from '../events/lay-over.ts';
import { createTickJudge } from '../events/schedules/judge-tick.ts';
import { scheduleTarget } from '../events/schedules/schedule-target.ts';
import type { Store } from '../ports/store.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import type { Schedule } from '../resources/schedule/schema.ts';
import type { CompiledListener } from '../triggers/compiled-listener.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';
import type { Outside } from '../triggers/outside.ts';
import { secretsOver } from './secrets-over.ts';

export interface JudgeOverOptions {
  /** The copies the server has of what listeners lead to. */
  readonly live: (kind: GroupKind) => LiveKind<KubeObject> | undefined;
  readonly schedule: (key: string) => Stored<Schedule> | undefined;
  readonly compile: (listener: EventListener, lookup: TriggerLookup) => CompiledListener;
  readonly store: Store;
  readonly outside: Outside;
  readonly admit: AdmitManifest;
}

/** Judges events as the server would with these objects laid over those it has: listeners and what they lead to, Secrets, Schedules. */
export function judgeOver(
  objects: readonly KubeObject[],
  { live, schedule, compile, store, outside: behind, admit }: JudgeOverOptions,
): Judge {
  const configuration = new Configuration<CompiledListener>({ open: layOver(objects, live), compile });
  const outside: Outside = { ...behind, secret: secretsOver(objects, behind.secret) };
  const schedules = layOver(objects, () => undefined)<Schedule>({ kind: 'tappet.dev/Schedule', onChange: () => {} });
  const ticks = createTickJudge({
    schedule: (key) => schedules.get(key) ?? schedule(key),
    target: (found) => scheduleTarget(found, { configuration, compile }),
    store,
    outside,
    admit,
  });
  return createJudge({ configuration, outside, admit, ticks });
}
