import type { BoundText } from '../expressions/jsonpath/binding-value.ts';
import { bindParams } from './bindings.ts';
import { type ChainResult, runChain } from './chain.ts';
import type { CompiledTrigger } from './compiled-listener.ts';
import { renderManifests } from './manifests.ts';
import type { OpenEvent } from './open-event.ts';
import { type Outside, OutsideUnavailable } from './outside.ts';
import type { BoundParam, TriggerVerdict } from './verdict.ts';

/** A bound value may be a whole payload; of longer ones a verdict shows the beginning. */
const longestShown = 16_384;

/**
 * One trigger, one event: chain, bindings, template. Every expected outcome is a verdict, and so is a defect of this program, which must not
 * reach the listener's other triggers. Rejects with `OutsideUnavailable` only. What an interceptor stops before a defect of the trigger
 * itself (a missing template) comes to light is filtered, so that a listener's other events do not drown in one mistake.
 */
export async function evaluateTrigger(trigger: CompiledTrigger, event: OpenEvent, outside: Outside): Promise<TriggerVerdict> {
  const started = outside.elapsed();
  const tookMs = () => outside.elapsed() - started;
  try {
    const chain = await runChains(trigger, event, outside);
    return { ...decide(trigger, event, chain), trigger: trigger.name, namespace: trigger.namespace, chain: chain.steps, tookMs: tookMs() };
  } catch (error) {
    if (error instanceof OutsideUnavailable) throw error;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const base = { trigger: trigger.name, namespace: trigger.namespace, chain: [], tookMs: tookMs() };
    return { ...base, verdict: 'failed', stage: 'intercept', error: `internal error: ${message.slice(0, 500)}` };
  }
}

type Decision = DistributiveOmit<TriggerVerdict, 'trigger' | 'namespace' | 'chain' | 'tookMs'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function decide(trigger: CompiledTrigger, event: OpenEvent, chain: ChainResult): Decision {
  if (chain.outcome === 'stop') return { verdict: 'filtered', reason: chain.message };
  if (chain.outcome === 'error') return { verdict: 'failed', stage: 'intercept', error: chain.message };
  const { action } = trigger;
  if (!action.ok) return { verdict: 'failed', stage: 'resolve', error: action.error };

  const bound = bindParams(action.bindings, action.template.params, chain.event, chain.extensions);
  const params = shown(bound.params);
  if (!bound.ok) return { verdict: 'failed', stage: 'bind', error: bound.error, params };

  const rendered = renderManifests(action.template, bound.params, {
    eventId: event.eventId,
    trigger: trigger.key,
    listener: trigger.listener,
    triggerName: trigger.name,
    namespace: trigger.namespace,
  });
  if (!rendered.ok) return { verdict: 'failed', stage: 'render', error: rendered.error, params };
  return { verdict: 'matched', params, manifests: rendered.manifests, created: [], account: trigger.account };
}

async function runChains(trigger: CompiledTrigger, event: OpenEvent, outside: Outside): Promise<ChainResult> {
  if (trigger.group === undefined) return runChain(trigger.chain, event, outside, {});
  const group = await groupResult(trigger.group, event, outside);
  if (group.outcome !== 'continue') return group;
  // Upstream gives each trigger the body as it came, whatever the group's webhook made of it; that is a defect of its.
  const own = await runChain(trigger.chain, group.event, outside, group.extensions);
  return { ...own, steps: [...group.steps, ...own.steps] };
}

function groupResult(group: NonNullable<CompiledTrigger['group']>, event: OpenEvent, outside: Outside): Promise<ChainResult> {
  const known = event.groups.get(group.key);
  if (known !== undefined) return known;
  const result = runChain(group.chain, event, outside, {}).catch((error: unknown) => {
    event.groups.delete(group.key);
    throw error;
  });
  event.groups.set(group.key, result);
  return result;
}

function shown(params: ReadonlyMap<string, BoundText>): readonly BoundParam[] {
  return [...params].map(([name, { plain }]) => ({
    name,
    value: plain.length > longestShown ? `${plain.slice(0, longestShown)}…` : plain,
  }));
}
