import type { ClusterTriggerBinding } from '../../resources/cluster-trigger-binding/schema.ts';
import type { EventListener } from '../../resources/event-listener/schema.ts';
import { groupKindOf, type KubeObject } from '../../resources/object.ts';
import type { Schedule } from '../../resources/schedule/schema.ts';
import type { Trigger } from '../../resources/trigger/schema.ts';
import type { TriggerBinding } from '../../resources/trigger-binding/schema.ts';
import type { TriggerTemplate } from '../../resources/trigger-template/schema.ts';
import { lintBindingValue } from './bindings/lint-binding-value.ts';
import type { Finding } from './finding.ts';
import { type LintedRun, lintRun, type TriggerRun } from './lint-run.ts';
import { type LintOptions, type ListenerRuns, listenerRuns, scheduleRuns, startOfChain } from './listener-runs.ts';
import { distinct, type LocatedFinding } from './located-finding.ts';
import type { Reference } from './references.ts';
import { lintTemplate } from './templates/lint-template.ts';

export interface Linted {
  readonly findings: readonly LocatedFinding[];
  /** What has to be there besides, for the caller to look for. */
  readonly references: readonly Reference[];
  /** Triggers that were not looked at. */
  readonly unchecked: number;
}

/**
 * What is wrong with an admitted object, of any kind, and with what it leads to. A Trigger, a binding or a template is looked at alone; what is
 * wrong with it where a listener uses it, that listener and `lintUses` tell.
 */
export function lintObject(object: KubeObject, options: LintOptions): Linted {
  switch (groupKindOf(object)) {
    case 'triggers.tekton.dev/EventListener':
      return lintRuns(listenerRuns(object as unknown as EventListener, options), options);
    case 'tappet.dev/Schedule':
      return lintRuns(scheduleRuns(object as unknown as Schedule, options), options);
    case 'triggers.tekton.dev/Trigger':
      return lintTrigger(object as unknown as Trigger, options);
    case 'triggers.tekton.dev/TriggerBinding':
    case 'triggers.tekton.dev/ClusterTriggerBinding':
      return alone(object, bindingFindings(object as unknown as TriggerBinding | ClusterTriggerBinding));
    case 'triggers.tekton.dev/TriggerTemplate':
      return alone(object, templateFindings(object as unknown as TriggerTemplate, options));
    default:
      return alone(object, []);
  }
}

/** What is wrong with a Trigger, a binding or a template where these listeners use it; of many uses the first `mostTriggers`. */
export function lintUses(object: KubeObject, listeners: Iterable<EventListener>, options: LintOptions): readonly LocatedFinding[] {
  const findings: LocatedFinding[] = [];
  let left = options.mostTriggers ?? Number.POSITIVE_INFINITY;
  for (const listener of listeners) {
    const { runs, context } = listenerRuns(listener, options);
    for (const run of runs.filter((candidate) => involves(candidate, object))) {
      if (left-- === 0) return distinct(findings);
      findings.push(...lintRun(run, context).findings.filter(({ about }) => about === object));
    }
  }
  return distinct(findings);
}

function lintRuns({ runs, context, findings, references }: ListenerRuns, { mostTriggers = runs.length }: LintOptions): Linted {
  const linted = runs.slice(0, mostTriggers).map((run) => lintRun(run, context));
  return together(linted, { findings, references, unchecked: Math.max(0, runs.length - mostTriggers) });
}

function lintTrigger(trigger: Trigger, options: LintOptions): Linted {
  const context = { ...startOfChain(options), namespace: trigger.metadata.namespace ?? '' };
  // A group that selects it may add what it asks for, and verify the event.
  const start = { ...context.start, extensionsOpen: true };
  const run: TriggerRun = { owner: trigger, path: 'spec', namespace: context.namespace, spec: trigger.spec, start, guarded: true };
  return together([lintRun(run, context)], { findings: [], references: [], unchecked: 0 });
}

function together(runs: readonly LintedRun[], { findings, references, unchecked }: Linted): Linted {
  return {
    findings: distinct([...findings, ...runs.flatMap((run) => run.findings)]),
    references: [...references, ...runs.flatMap((run) => run.references)],
    unchecked,
  };
}

function alone(about: KubeObject, findings: readonly Finding[]): Linted {
  return { findings: findings.map((finding) => ({ ...finding, about })), references: [], unchecked: 0 };
}

function bindingFindings({ spec }: TriggerBinding | ClusterTriggerBinding): readonly Finding[] {
  return (spec.params ?? []).flatMap(({ value }, index) => lintBindingValue(value, `spec.params[${index}].value`).findings);
}

const OLD_ESCAPE = 'triggers.tekton.dev/old-escape-quotes';

function templateFindings({ metadata, spec }: TriggerTemplate, { admit }: LintOptions): readonly Finding[] {
  const findings = lintTemplate(spec, 'spec', admit);
  if (!Object.hasOwn(metadata.annotations ?? {}, OLD_ESCAPE)) return findings;
  const message = `${OLD_ESCAPE} has no effect here, where no value can break the object; elsewhere it breaks every value that has quotes`;
  return [...findings, { severity: 'warning', code: 'template-annotation', path: 'metadata.annotations', message }];
}

function involves({ owner, spec, namespace }: TriggerRun, object: KubeObject): boolean {
  if (owner === object) return true;
  const { name, namespace: ofObject } = object.metadata;
  const kind = object.kind;
  if (kind === 'TriggerTemplate') return ofObject === namespace && spec.template?.ref === name;
  if (kind !== 'TriggerBinding' && kind !== 'ClusterTriggerBinding') return false;
  const reached = kind === 'ClusterTriggerBinding' || ofObject === namespace;
  return reached && (spec.bindings ?? []).some((binding) => binding.ref === name && (binding.kind ?? 'TriggerBinding') === kind);
}
