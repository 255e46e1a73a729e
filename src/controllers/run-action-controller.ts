import { decideRunAction } from '../pipelines/run-action/decide-run-action.ts';
import { doneStatus, invalidStatus, retryingStatus } from '../pipelines/run-action/run-action-status.ts';
import type { Store } from '../ports/store.ts';
import { parseDuration } from '../resources/duration.ts';
import { labelSelectorText } from '../resources/label-selector-text.ts';
import type { Stored } from '../resources/object.ts';
import type { RunAction, RunActionStatus, RunOutcome } from '../resources/run-action/schema.ts';
import { validateRunAction } from '../resources/run-action/validate.ts';
import { RUN_ACTION } from '../resources/run-annotations.ts';
import { writeStatus } from './apply.ts';
import type { Keeper, KeeperOptions } from './claim-keeper.ts';
import { conditionEvents } from './condition-event.ts';
import { EventRecorder } from './event-recorder.ts';
import { Informer, splitKey } from './informer.ts';
import { isDone } from './is-done.ts';
import { takeStep } from './run-action-steps.ts';
import { messageOf, WorkQueue } from './work-queue.ts';

const KIND = 'tappet.dev/RunAction';
const PAGE = 500;
/** Runs written to at once. */
const AT_ONCE = 50;
const LOOK_AGAIN_MS = 1_000;

/**
 * Does what RunActions ask for: each once, and from the beginning when it was cut off, which comes to the same. A done one is deleted when its
 * time is up.
 */
export async function startRunActionController(options: KeeperOptions): Promise<Keeper> {
  const { store, clock, logger } = options;
  const events = new EventRecorder(options);
  const actions = new Informer<RunAction>({
    ...options,
    kind: KIND,
    onChange: (now, before, key) => {
      // What is told of a failing one must not wake it before its time.
      if (!isSameWork(now, before)) queue.add(key);
    },
  });
  const queue = new WorkQueue({ clock, logger, concurrency: 8, reconcile, onPoison: (key, error) => void poisoned(key, error) });

  async function reconcile(key: string): Promise<void> {
    const action = actions.get(key);
    if (action === undefined) return queue.forget(key);
    if (action.metadata.deletionTimestamp !== undefined) return;
    if (isDone(action)) return expire(key, action);
    const errors = validateRunAction(action);
    if (errors.length > 0) return settle(key, action, invalidStatus(action, errors, clock.now()));
    const steps = decideRunAction(action, await selectedBy(action), await madeBy(action));
    const outcomes: RunOutcome[] = [];
    for (let begin = 0; begin < steps.length; begin += AT_ONCE) {
      const some = steps.slice(begin, begin + AT_ONCE);
      outcomes.push(...(await Promise.all(some.map((step) => takeStep(store, events, action, step)))));
    }
    await settle(key, action, doneStatus(action, outcomes, clock.now()));
  }

  function selectedBy({ metadata: { namespace }, spec }: Stored<RunAction>): Promise<readonly Stored[]> {
    return listRuns(store, spec, namespace, labelSelectorText(spec.selector));
  }

  async function madeBy({ metadata: { namespace, uid }, spec }: Stored<RunAction>): Promise<readonly Stored[]> {
    return spec.action === 'Rerun' ? listRuns(store, spec, namespace, `${RUN_ACTION}=${uid}`) : [];
  }

  async function expire(key: string, { metadata, spec, status }: Stored<RunAction>): Promise<void> {
    const ended = Date.parse(status?.completionTime ?? metadata.creationTimestamp);
    const at = ended + (parseDuration(spec.ttl ?? '24h') ?? 0);
    if (clock.now() < at) queue.addAt(key, at);
    else await store.delete({ kind: KIND, ...splitKey(key) }, { uid: metadata.uid });
  }

  async function settle(key: string, action: Stored<RunAction>, status: RunActionStatus): Promise<void> {
    const told = conditionEvents(action.status, status).map((event) => events.transition(action, event));
    const [written] = await Promise.all([writeStatus(store, action, status), ...told]);
    if (written !== undefined) actions.learn(written);
    else queue.addAt(key, clock.now() + LOOK_AGAIN_MS);
  }

  /** Never rejects. */
  async function poisoned(key: string, error: unknown): Promise<void> {
    const action = actions.get(key);
    if (action === undefined || isDone(action)) return;
    const message = messageOf(error);
    await events.occurrence(action, { type: 'Warning', reason: 'Error', message });
    await writeStatus(store, action, retryingStatus(action, message, clock.now())).catch((failure: unknown) => {
      logger.warn('the status of a RunAction could not be written', { key, error: messageOf(failure) });
    });
  }

  await actions.start();
  queue.begin();
  return {
    get depth() {
      return queue.depth;
    },
    async close() {
      await actions.close();
      await queue.close();
    },
  };
}

function isSameWork(now: Stored<RunAction> | undefined, before: Stored<RunAction> | undefined): boolean {
  if (now === undefined || before === undefined) return false;
  const of = ({ metadata: { uid, generation, deletionTimestamp } }: Stored) => JSON.stringify([uid, generation, deletionTimestamp]);
  return of(now) === of(before) && isDone(now) === isDone(before);
}

async function listRuns(
  store: Store,
  { kinds = ['PipelineRun'] }: RunAction['spec'],
  namespace: string | undefined,
  labelSelector: string,
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  for (const kind of new Set(kinds)) {
    let next: string | undefined;
    do {
      const page = await store.list(`tekton.dev/${kind}`, { namespace, labelSelector, limit: PAGE, continue: next });
      found.push(...page.items);
      next = page.continue;
    } while (next !== undefined);
  }
  return found;
}
