import type { KubeObject } from '../../resources/object.ts';
import type { TriggerSpec, TriggerSpecBinding } from '../../resources/trigger/schema.ts';
import type { TriggerTemplateSpec } from '../../resources/trigger-template/schema.ts';
import { usedParams } from '../template.ts';
import { lintBindingValue } from './bindings/lint-binding-value.ts';
import { extensionsInValue, lintBoundValue } from './bindings/lint-bound.ts';
import { type BoundName, findDuplicates, meetTemplate } from './bindings/meets-template.ts';
import type { ChainState } from './chain-state.ts';
import type { Finding } from './finding.ts';
import { overlayNames } from './interceptors/lint-overlays.ts';
import { type ChainContext, type LintedChain, lintChain } from './lint-chain.ts';
import type { LocatedFinding } from './located-finding.ts';
import type { Reference } from './references.ts';
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
    ...(bound.complete ? findUnusedOverlays(chain, bound.values) : []),
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
    references: [...chainReferences(chain, owner, namespace, context.namespace), ...specReferences(run)],
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
      if (name !== undefined && value !== undefined) values.push({ name, value, path: at, about: owner, valuePath: `${at}.value` });
      continue;
    }
    const found = binding.kind === 'ClusterTriggerBinding' ? lookup?.clusterTriggerBinding(ref) : lookup?.triggerBinding(namespace, ref);
    complete &&= found !== undefined;
    for (const [position, param] of (found?.spec.params ?? []).entries()) {
      if (found !== undefined) values.push({ ...param, path: `${at}.ref`, about: found, valuePath: `spec.params[${position}].value` });
    }
  }
  return { values, complete };
}

function resolveTemplate({ spec, namespace }: TriggerRun, { lookup }: ChainContext): TriggerTemplateSpec | undefined {
  const { template } = spec;
  if (template?.spec !== undefined) return template.spec;
  return template?.ref === undefined ? undefined : lookup?.triggerTemplate(namespace, template.ref)?.spec;
}

/** Overlays of this trigger that nothing asks for. */
function findUnusedOverlays(chain: LintedChain, values: readonly BoundValue[]): readonly Finding[] {
  const used = new Set<string>();
  for (const { uses, all } of chain.uses) {
    if (all) return [];
    for (const { name } of uses) used.add(name);
  }
  for (const { value } of values) {
    const names = extensionsInValue(value);
    if (names === 'all') return [];
    for (const name of names) used.add(name);
  }
  if (chain.tellsOthers) return [];
  return chain.overlays.flatMap((overlay): readonly Finding[] => {
    const { key, path } = overlay;
    const names = overlayNames([overlay]);
    // Of `extensions.x` it is told that it is not where it is looked for.
    if (names.length === 0 || names.some((name) => name === 'extensions' || used.has(name))) return [];
    const message = `nothing asks for the extension ${key}`;
    return [{ severity: 'warning', code: 'overlay-unused', path: `${path}.key`, message }];
  });
}

/** Secrets are the trigger's, interceptors with a namespace the listener's. */
export function chainReferences(chain: LintedChain, owner: KubeObject, namespace: string, listenerNamespace: string): readonly Reference[] {
  return [
    ...chain.secrets.flatMap(({ path, name, key }): readonly Reference[] => {
      return name === '' ? [] : [{ about: owner, path, kind: 'Secret', namespace, name, key }];
    }),
    ...chain.interceptors.map(({ path, kind, name }): Reference => {
      const place = kind === 'Interceptor' ? { namespace: listenerNamespace } : {};
      return { about: owner, path, kind: `triggers.tekton.dev/${kind}`, ...place, name };
    }),
  ];
}

function specReferences({ spec, owner, path, namespace }: TriggerRun): readonly Reference[] {
  const template = spec.template?.ref ?? '';
  const references = (spec.bindings ?? []).flatMap((binding, index) =>
    bindingReference(binding, owner, `${path}.bindings[${index}].ref`, namespace),
  );
  if (template === '') return references;
  return [
    ...references,
    { about: owner, path: `${path}.template.ref`, kind: 'triggers.tekton.dev/TriggerTemplate', namespace, name: template },
  ];
}

function bindingReference(
  { ref = '', kind }: TriggerSpecBinding,
  about: KubeObject,
  path: string,
  namespace: string,
): readonly Reference[] {
  if (ref === '') return [];
  const isCluster = kind === 'ClusterTriggerBinding';
  return [
    { about, path, kind: `triggers.tekton.dev/${isCluster ? kind : 'TriggerBinding'}`, ...(isCluster ? {} : { namespace }), name: ref },
  ];
}
