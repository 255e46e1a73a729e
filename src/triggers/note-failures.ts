import type { CreatedObject, Failed, Matched, TriggerVerdict } from './verdict.ts';

/** What became of one object a trigger asked for: `undefined`, it is there; a text, why it was refused; `null`, it was not tried. */
export type Refusal = string | null | undefined;

/**
 * Verdicts with the store's word on what they asked for. `refusals` has a list for each verdict, in the order of its `created`. A match of which
 * anything was refused has failed, and tells what of it stays.
 */
export function noteFailures(verdicts: readonly TriggerVerdict[], refusals: readonly (readonly Refusal[])[]): readonly TriggerVerdict[] {
  return verdicts.map((verdict, index) => {
    const refused = refusals[index] ?? [];
    if (verdict.verdict !== 'matched' || refused.every((refusal) => refusal === undefined)) return verdict;
    return failedCreation(verdict, verdict.created, refused);
  });
}

/** A match whose objects cannot all be created, as the failure it is. */
export function failedCreation(matched: Matched, objects: readonly CreatedObject[], refusals: readonly Refusal[]): Failed {
  const { trigger, namespace, chain, tookMs, params, manifests } = matched;
  const created = objects.flatMap((object, index) => {
    const refusal = refusals[index];
    if (refusal === null) return [];
    return [refusal === undefined ? object : { ...object, error: refusal }];
  });
  const error = created.flatMap(({ kind, name, error: why }) =>
    why === undefined ? [] : [`${[kind, name].filter(Boolean).join(' ')}: ${why}`],
  );
  const untried = refusals.filter((refusal) => refusal === null).length;
  if (untried > 0) error.push(`${untried} more of the template ${untried === 1 ? 'was' : 'were'} not tried`);
  return { verdict: 'failed', stage: 'create', trigger, namespace, chain, tookMs, params, manifests, created, error: error.join('\n') };
}
