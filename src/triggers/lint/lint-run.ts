import type { KubeObject } from '../../resources/object.ts';
import type { TriggerSpec } from '../../resources/trigger/schema.ts';
import type { TriggerTemplateSpec } from '../../resources/trigger-template/schema.ts';
import { usedParams } from '../template.ts';
import { lintBindingValue } from './bindings/lint-binding-value.ts';
import { lintBoundValue } from './bindings/lint-bound.ts';
import { type BoundName, findDuplicates, meetTemplate } from './bindings/meets-template.ts';
import type { ChainState } from './chain-state.ts';
import type { Finding } from './finding.ts';
import { findUnusedOverlays } from './interceptors/unused-overlays.ts';
import { type ChainContext, type LintedChain, lintChain } from './lint-chain.ts';
import type { LocatedFinding } from './located-finding.ts';
import type { Reference } from './references.ts';
import { chainReferences, specReferences } from './run-references.ts';
import { type Admit, lintTemplate } from './templates/lint-template.ts';

export interface RunContext extends ChainContext {
  readonly admit?: Admit | undefined;
}

/** One way in which a trigger is reached. */
export interface TriggerRun {
  /** The EventListener or Trigger that it is written in, and where: `spec.triggers[0]`, `spec`. */
  readonly owner: KubeObject;
  readonly path: string;
  /** Of a trigger that is written in its listener. */
  readonly label?: string | undefined;
  readonly namespace: string;
  readonly spec: Pick<TriggerSpec, 'bindings' | 'interceptors' | 'template'>;
  /** What is known of the event before its own interceptors. */
  readonly start: ChainState;
  /** An interceptor of the group has verified the event. */
  readonly guarded: boolean;
  /** The listener that leads to it, where it is not written in that: `EventListener ci`. */
  readonly reachedFrom?: string | undefined;
}

export interface LintedRun {
  readonly findings: readonly LocatedFinding[];
  readonly references: readonly Reference[];
  readonly chain: LintedChain;
}

/** A param's value and the object it is written in. */
interface BoundValue extends BoundName {
  readonly value: string;
  readonly about: KubeObject;
  readonly valuePath: string;
}

interface Resolved {
  readonly values: readonly BoundValue[];
  /** Nothing is missing, or not looked for. */
  readonly complete: boolean;
}

/** A trigger with all it leads to. What its bindings and template refer to is looked up where `context` has a lookup, and left out otherwise. */
export function lintRun(run: TriggerRun, context: RunContext): LintedRun {
  const { owner, path, spec, namespace } = run;
  const policy = run.guarded ? { ...context.policy, unsigned: 'allow' as const } : context.policy;
  const chain = lintChain(spec.interceptors ?? [], path, run.start, { ...context, policy, namespace });
  const bound = resolveBindings(run, context);
  const template = resolveTemplate(run, context);
  const defaults = new Set((template?.params ?? []).flatMap((param) => (param.default === undefined ? [] : param.name)));
  const needs = template && {
    params: template.params ?? [],
    uses: new Set((template.resourcetemplates ?? []).flatMap(usedParams)),
    path: `${path}.template`,
  };
  const inline = spec.template?.spec === undefined ? [] : lintTemplate(spec.template.spec, `${path}.template.spec`, context.admit);
  const own: readonly Finding[] = [
    ...chain.findings,
    ...inline,
    ...findDuplicates(bound.values),
    ...(needs === undefined ? [] : meetTemplate(bound.values, needs, bound.complete)),
    ...(bound.complete
      ? findUnusedOverlays(
          chain,
          bound.values.map(({ value }) => value),
        )
      : []),
  ];
  const ofValues = bound.values.flatMap(({ name, value, valuePath, about }) => {
    // What is wrong with a TriggerBinding by itself is told where that is looked at.
    const alone = about === owner ? lintBindingValue(value, valuePath).findings : [];
    const usedBy = about === owner ? run.reachedFrom : nameOfRun(run);
    return [...alone, ...lintBoundValue(value, valuePath, chain.state, defaults.has(name))].map((finding) => ({
      ...finding,
      about,
      usedBy,
    }));
  });
  return {
    findings: [...own.map((finding) => ({ ...finding, about: owner, usedBy: run.reachedFrom })), ...ofValues],
    references: [...chainReferences(chain, owner, namespace, context.namespace), ...specReferences(spec, owner, path, namespace)],
    chain,
  };
}

/** `trigger build of EventListener ci`, `Trigger build of EventListener ci`. */
function nameOfRun({ owner, path, label = '', reachedFrom }: TriggerRun): string {
  const own = `${owner.kind} ${owner.metadata.name ?? ''}`;
  if (reachedFrom !== undefined) return `${own} of ${reachedFrom}`;
  return path === 'spec' ? own : `${label === '' ? path : `trigger ${label}`} of ${own}`;
}

function resolveBindings({ spec, path, namespace, owner }: TriggerRun, { lookup }: ChainContext): Resolved {
  const values: BoundValue[] = [];
  let complete = true;
  for (const [index, binding] of (spec.bindings ?? []).entries()) {
    const at = `${path}.bindings[${index}]`;
    const { name, value, ref = '' } = binding;
    if (ref === '') {
      if (name !== undefined && value !== undefined)
        values.push({ name, value, path: at, inline: true, about: owner, valuePath: `${at}.value` });
      continue;
    }
    const found = binding.kind === 'ClusterTriggerBinding' ? lookup?.clusterTriggerBinding(ref) : lookup?.triggerBinding(namespace, ref);
    complete &&= found !== undefined;
    for (const [position, param] of (found?.spec.params ?? []).entries()) {
      if (found !== undefined)
        values.push({ ...param, path: `${at}.ref`, inline: false, about: found, valuePath: `spec.params[${position}].value` });
    }
  }
  return { values, complete };
}

function resolveTemplate({ spec, namespace }: TriggerRun, { lookup }: ChainContext): TriggerTemplateSpec | undefined {
  const { template } = spec;
  if (template?.spec !== undefined) return template.spec;
  return template?.ref === undefined ? undefined : lookup?.triggerTemplate(namespace, template.ref)?.spec;
}
