import type { EventListener, EventListenerTrigger } from '../../resources/event-listener/schema.ts';
import type { Schedule } from '../../resources/schedule/schema.ts';
import type { Trigger } from '../../resources/trigger/schema.ts';
import { type ExpressionCache, expressionCache } from '../expression-cache.ts';
import { listenerPolicy } from '../listener-policy.ts';
import type { TriggerLookup } from '../lookup.ts';
import { selectTriggers } from '../select-triggers.ts';
import type { ChainState } from './chain-state.ts';
import type { GithubPayloads } from './github/read-payloads.ts';
import { lintChain } from './lint-chain.ts';
import type { RunContext, TriggerRun } from './lint-run.ts';
import type { LocatedFinding } from './located-finding.ts';
import type { Reference } from './references.ts';
import { chainReferences } from './run-references.ts';
import type { Admit } from './templates/lint-template.ts';

export interface LintOptions {
  readonly expressions?: ExpressionCache | undefined;
  /** Absent: paths into GitHub's payloads are not checked. */
  readonly payloads?: GithubPayloads | undefined;
  /** Absent: an object is looked at alone, and what it refers to is not. */
  readonly lookup?: TriggerLookup | undefined;
  /** Absent: what templates create is not checked. */
  readonly admit?: Admit | undefined;
  /** Triggers of one listener that are looked at; absent: all. */
  readonly mostTriggers?: number | undefined;
}

export interface ListenerRuns {
  readonly runs: readonly TriggerRun[];
  readonly context: RunContext;
  /** About the interceptors of groups. */
  readonly findings: readonly LocatedFinding[];
  readonly references: readonly Reference[];
}

/** A schedule's own trigger, or the one it refers to. Its ticks are events that nobody has to sign. */
export function scheduleRuns(schedule: Schedule, options: LintOptions): ListenerRuns {
  const { spec, metadata } = schedule;
  const namespace = metadata.namespace ?? '';
  const context = { ...startOfChain(options), namespace };
  const references: Reference[] = [];
  const reference = (kind: string, path: string, name: string): void => {
    references.push({ about: schedule, path, kind: `triggers.tekton.dev/${kind}`, namespace, name });
  };
  if (spec.eventListener !== undefined) reference('EventListener', 'spec.eventListener', spec.eventListener);
  const ref = spec.trigger?.triggerRef ?? '';
  if (ref !== '') reference('Trigger', 'spec.trigger.triggerRef', ref);
  const found = ref === '' ? undefined : options.lookup?.trigger(namespace, ref);
  const runs: TriggerRun[] = [];
  if (found !== undefined) runs.push(triggerRun(found, context.start, true, schedule));
  else if (spec.trigger !== undefined && ref === '')
    runs.push({ ...inlineRun(schedule, spec.trigger, 'spec.trigger', context.start), guarded: true });
  return { runs, context, findings: [], references };
}

/** Every way in which a listener reaches a trigger, in no particular order. */
export function listenerRuns(listener: EventListener, options: LintOptions): ListenerRuns {
  const { spec, metadata } = listener;
  const namespace = metadata.namespace ?? '';
  const { lookup } = options;
  // Whether others can reach it is not known here; its annotations are.
  const context = { ...startOfChain(options), policy: { ...listenerPolicy(listener, true), sha1: 'allow' as const }, namespace };
  const runs: TriggerRun[] = [];
  const findings: LocatedFinding[] = [];
  const references: Reference[] = [];

  for (const [index, trigger] of (spec.triggers ?? []).entries()) {
    const path = `spec.triggers[${index}]`;
    const ref = trigger.triggerRef ?? '';
    if (ref === '') runs.push(inlineRun(listener, trigger, path, context.start));
    else {
      references.push({ about: listener, path: `${path}.triggerRef`, kind: 'triggers.tekton.dev/Trigger', namespace, name: ref });
      const found = lookup?.trigger(namespace, ref);
      if (found !== undefined) runs.push(triggerRun(found, context.start, false, listener));
    }
  }
  if (lookup !== undefined) {
    for (const trigger of selectTriggers(spec, namespace, lookup)) runs.push(triggerRun(trigger, context.start, false, listener));
  }
  for (const [index, group] of (spec.triggerGroups ?? []).entries()) {
    const chain = lintChain(group.interceptors ?? [], `spec.triggerGroups[${index}]`, context.start, context);
    findings.push(...chain.findings.map((finding) => ({ ...finding, about: listener })));
    references.push(...chainReferences(chain, listener, namespace, namespace));
    const selected = lookup === undefined ? [] : selectTriggers(group.triggerSelector ?? {}, namespace, lookup);
    for (const trigger of selected) runs.push(triggerRun(trigger, chain.state, chain.guarded, listener));
  }
  return { runs, context, findings, references };
}

/** What is known of an event that nobody has looked at. */
export function startOfChain({ expressions = expressionCache(), payloads, lookup, admit }: LintOptions) {
  const start: ChainState = {
    events: payloads && { payloads, names: undefined },
    extensions: new Set(),
    doubled: new Set(),
    extensionsOpen: false,
    wanted: new Map(),
  };
  const policy = { unsigned: 'warn', sha1: 'allow' } as const;
  return { start, expressions, payloads, lookup, admit, policy };
}

function inlineRun(owner: EventListener | Schedule, spec: EventListenerTrigger, path: string, start: ChainState): TriggerRun {
  return { owner, path, label: spec.name, namespace: owner.metadata.namespace ?? '', spec, start, guarded: false };
}

function triggerRun(trigger: Trigger, start: ChainState, guarded: boolean, from: EventListener | Schedule): TriggerRun {
  const { spec, metadata } = trigger;
  const reachedFrom = `${from.kind} ${from.metadata.name ?? ''}`;
  return { owner: trigger, path: 'spec', namespace: metadata.namespace ?? '', spec, start, guarded, reachedFrom };
}
