import { plainManifest } from '../resources/trigger-test/plain-manifest.ts';
import type { Matched, TriggerVerdict } from '../triggers/verdict.ts';

/** `absent`: the listener had, or has, no such trigger. */
type State = TriggerVerdict['verdict'] | 'absent';

/** One trigger of which something else has come. */
export interface VerdictChange {
  readonly trigger: string;
  readonly namespace: string;
  readonly was: State;
  readonly now: State;
  /** What is not the same when the verdict is. */
  readonly differs?: 'params' | 'manifests' | 'error' | undefined;
}

/** Trigger by trigger, in the order of the later verdicts. Why a trigger was filtered may differ; that it was counts. */
export function compareVerdicts(before: readonly TriggerVerdict[], after: readonly TriggerVerdict[]): readonly VerdictChange[] {
  const was = named(before);
  const now = named(after);
  const changes: VerdictChange[] = [];
  for (const [key, [trigger, namespace]] of new Map([...keys(now), ...keys(was)])) {
    const [earlier, later] = [was.get(key), now.get(key)];
    const change = { trigger, namespace, was: stateOf(earlier, before), now: stateOf(later, after) };
    const differs = earlier === undefined || later === undefined ? undefined : difference(earlier, later);
    if (change.was !== change.now || differs !== undefined) changes.push({ ...change, differs });
  }
  return changes;
}

/** Triggers of equal names are told apart by their order. */
function named(verdicts: readonly TriggerVerdict[]): ReadonlyMap<string, TriggerVerdict> {
  const byKey = new Map<string, TriggerVerdict>();
  for (const verdict of verdicts) {
    if (isAggregate(verdict)) continue;
    let key = JSON.stringify([verdict.namespace, verdict.trigger]);
    while (byKey.has(key)) key += '+';
    byKey.set(key, verdict);
  }
  return byKey;
}

function keys(verdicts: ReadonlyMap<string, TriggerVerdict>): readonly (readonly [string, readonly [string, string]])[] {
  return [...verdicts].map(([key, { trigger, namespace }]) => [key, [trigger, namespace]]);
}

/** One that is not told of by name is among those the index passed over, where there are such. */
function stateOf(verdict: TriggerVerdict | undefined, among: readonly TriggerVerdict[]): State {
  return verdict?.verdict ?? (among.some(isAggregate) ? 'filtered' : 'absent');
}

function isAggregate(verdict: TriggerVerdict): boolean {
  return verdict.verdict === 'filtered' && verdict.passedOver !== undefined;
}

function difference(before: TriggerVerdict, after: TriggerVerdict): VerdictChange['differs'] {
  if (before.verdict === 'matched' && after.verdict === 'matched') {
    if (!same(before.params, after.params)) return 'params';
    return same(plain(before), plain(after)) ? undefined : 'manifests';
  }
  return before.verdict === 'failed' && after.verdict === 'failed' && before.error !== after.error ? 'error' : undefined;
}

/** Both sides are JSON made by the same code, so that keys are in the same order. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What is put on every object says nothing of the trigger. */
function plain({ manifests, namespace }: Matched): readonly unknown[] {
  return manifests.map((manifest) => plainManifest(manifest, namespace));
}
