import type { CompiledListener, CompiledTrigger } from './compiled-listener.ts';
import { evaluateTrigger } from './evaluate-trigger.ts';
import type { OpenEvent } from './open-event.ts';
import type { Outside } from './outside.ts';
import { brokenCondition } from './trigger-index.ts';
import type { Filtered, TriggerVerdict } from './verdict.ts';

/** Triggers passed over by the index get a verdict each up to this many, beyond it one verdict for all of them. */
const mostSkippedNamed = 20;

/**
 * Judges every trigger that could match, in order and one after the other, and accounts for the others without evaluating them. Only
 * candidates' verdicts carry a chain; `evaluateTrigger` gives the full verdict of another one.
 */
export async function evaluateListener(listener: CompiledListener, event: OpenEvent, outside: Outside): Promise<readonly TriggerVerdict[]> {
  const candidates = listener.index.candidates(event.intercepted());
  const verdicts: TriggerVerdict[] = [];
  for (const position of candidates) {
    const trigger = listener.triggers[position];
    if (trigger !== undefined) verdicts.push(await evaluateTrigger(trigger, event, outside));
  }
  const skipped = listener.triggers.length - candidates.length;
  if (skipped === 0) return verdicts;
  if (skipped > mostSkippedNamed) return [...verdicts, passedOver(listener, skipped)];
  const judged = new Set(candidates);
  return [
    ...verdicts,
    ...listener.triggers.filter((_, position) => !judged.has(position)).map((trigger) => skippedVerdict(trigger, event)),
  ];
}

function skippedVerdict(trigger: CompiledTrigger, event: OpenEvent): Filtered {
  const broken = brokenCondition(trigger.conditions, event.intercepted());
  return { verdict: 'filtered', trigger: trigger.name, namespace: trigger.namespace, chain: [], tookMs: 0, reason: describe(broken) };
}

function describe(broken: ReturnType<typeof brokenCondition>): string {
  if (broken === undefined) return 'passed over by the index';
  const { condition, value } = broken;
  const place = condition.root === 'header' ? `header ${condition.path[0]}` : `body.${condition.path.join('.')}`;
  const wanted = condition.values.map((wantedValue) => JSON.stringify(wantedValue)).join(' or ');
  const is = value === undefined ? 'no text, number or boolean' : JSON.stringify(typeof value === 'string' ? value.slice(0, 200) : value);
  return `${place} is ${is}, expected ${wanted === '' ? 'nothing: the list is empty' : wanted}`;
}

function passedOver(listener: CompiledListener, count: number): Filtered {
  return {
    verdict: 'filtered',
    trigger: '',
    namespace: listener.namespace,
    chain: [],
    tookMs: 0,
    reason: `${count} triggers want another event type or other values and were passed over`,
    passedOver: count,
  };
}
