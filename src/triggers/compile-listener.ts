import type { EventListener, EventListenerTrigger, TriggerGroup } from '../resources/event-listener/schema.ts';
import type { Trigger, TriggerSpec, TriggerSpecTemplate } from '../resources/trigger/schema.ts';
import { compileBindings } from './bindings.ts';
import type { CompiledListener, CompiledTrigger, TriggerAction, TriggerGroupChain } from './compiled-listener.ts';
import { type ExpressionCache, expressionCache } from './expression-cache.ts';
import { brokenInterceptor, type Condition, type Interceptor, type ListenerPolicy } from './interceptors/interceptor.ts';
import { makeInterceptor } from './interceptors/registry.ts';
import type { ServiceUrl } from './interceptors/remote/address.ts';
import type { SignatureCheck } from './interceptors/signature-check.ts';
import { ALLOW_UNSIGNED, listenerPolicy } from './listener-policy.ts';
import type { TriggerLookup } from './lookup.ts';
import { selectTriggers } from './select-triggers.ts';
import { compileTemplate, type TemplateResult } from './template.ts';
import { indexTriggers } from './trigger-index.ts';

interface Sources {
  readonly lookup: TriggerLookup;
  readonly expressions: ExpressionCache;
  readonly policy: ListenerPolicy;
  readonly listenerNamespace: string;
  readonly serviceUrl: ServiceUrl;
}

export interface CompileOptions {
  /** Kept by the caller over changes of configuration: what did not change is not compiled again. */
  readonly expressions?: ExpressionCache | undefined;
  /** Whether only this machine can reach the listener. */
  readonly loopback?: boolean | undefined;
  readonly serviceUrl?: ServiceUrl | undefined;
}

/** A trigger before it is made ready. */
interface Draft {
  readonly name: string;
  readonly namespace: string;
  /** Where it is written: the key's first part. */
  readonly origin: string;
  readonly spec: TriggerSpec;
  readonly group?: TriggerGroupChain | undefined;
  /** Set when there is no spec to work with. */
  readonly missing?: string | undefined;
}

/**
 * Resolves and compiles all a listener leads to. Nothing is refused here: whatever is wrong with one trigger becomes that trigger's own
 * state, and the others work.
 */
export function compileListener(
  listener: EventListener,
  lookup: TriggerLookup,
  { expressions = expressionCache(), loopback = true, serviceUrl = () => undefined }: CompileOptions = {},
): CompiledListener {
  const { name = '', namespace = '' } = listener.metadata;
  const policy = listenerPolicy(listener, loopback);
  const sources = { lookup, expressions, policy, listenerNamespace: namespace, serviceUrl };
  // As upstream, whose listeners are pods with an account.
  const account = `${namespace}/${listener.spec.serviceAccountName || 'default'}`;
  const triggers = keyed(draftsOf(listener, namespace, sources)).map(([key, draft]) => compileTrigger(draft, key, name, account, sources));
  const able = triggers.filter(canFire);
  // Where none can fire, what they would verify still tells friend from foe.
  const judged = able.length > 0 ? able : triggers;
  return {
    name,
    namespace,
    triggers,
    index: indexTriggers(triggers),
    authenticates: judged.length > 0 && judged.every((trigger) => signaturesOf(trigger).length > 0),
    signatures: uniqueById(judged.flatMap(signaturesOf)),
    guarded: triggers.some((trigger) => interceptorsOf(trigger).some(isGuard)),
    dialogues: uniqueById(judged.flatMap(interceptorsOf).flatMap(({ dialogue }) => dialogue ?? [])),
    secretHeaders: [...new Set(triggers.flatMap(interceptorsOf).flatMap(({ secretHeaders = [] }) => secretHeaders))],
    ...complaintsOf(triggers),
  };
}

/** On a listener, `"true"`: a Trigger that is both selected and listed runs twice an event, as upstream has it. */
const REPEAT_TRIGGERS = 'tappet.dev/repeat-triggers';

/** Upstream's order: selected, in groups, listed. A Trigger that is both selected and listed counts once, which upstream's users asked for. */
function draftsOf(listener: EventListener, namespace: string, sources: Sources): readonly Draft[] {
  const { spec } = listener;
  const { lookup } = sources;
  const groups = (spec.triggerGroups ?? []).flatMap((group, index) => groupDrafts(group, index, namespace, sources));
  const selected = selectTriggers(spec, namespace, lookup).map((trigger) => referredDraft(trigger));
  const origin = `${namespace}/${listener.metadata.name ?? ''}`;
  const listed = (spec.triggers ?? []).map((trigger) => listedDraft(trigger, origin, namespace, lookup));
  if (listener.metadata.annotations?.[REPEAT_TRIGGERS] === 'true') return [...selected, ...groups, ...listed];
  const known = new Set(selected.map((draft) => draft.origin));
  return [...selected, ...groups, ...listed.filter((draft) => !known.has(draft.origin))];
}

function groupDrafts(group: TriggerGroup, index: number, namespace: string, sources: Sources): readonly Draft[] {
  const interceptors = (group.interceptors ?? []).map((interceptor) => makeInterceptor(interceptor, { ...sources, namespace }));
  const triggerId = `namespaces/${namespace}/triggerGroups/${group.name ?? ''}`;
  const chain: TriggerGroupChain = { key: `triggerGroups[${index}]`, chain: { interceptors, namespace, triggerId } };
  return selectTriggers(group.triggerSelector ?? {}, namespace, sources.lookup).map((trigger) => referredDraft(trigger, chain));
}

function referredDraft({ metadata, spec }: Trigger, group?: TriggerGroupChain): Draft {
  const { name = '', namespace = '' } = metadata;
  return { name, namespace, origin: `Trigger ${namespace}/${name}`, spec, group };
}

function listedDraft(trigger: EventListenerTrigger, listener: string, namespace: string, lookup: TriggerLookup): Draft {
  const { triggerRef, ...spec } = trigger;
  if (triggerRef === undefined || triggerRef === '') {
    return { name: trigger.name ?? '', namespace, origin: `EventListener ${listener} ${trigger.name ?? ''}`, spec };
  }
  const found = lookup.trigger(namespace, triggerRef);
  if (found !== undefined) return referredDraft(found);
  const missing = `error getting Trigger: trigger.triggers.tekton.dev "${triggerRef}" not found in namespace ${namespace}`;
  return { name: triggerRef, namespace, origin: `Trigger ${namespace}/${triggerRef}`, spec: {}, missing };
}

/** Gives each draft a key of its own: those of equal origin are counted. */
function keyed(drafts: readonly Draft[]): readonly (readonly [string, Draft])[] {
  const seen = new Map<string, number>();
  return drafts.map((draft) => {
    const count = seen.get(draft.origin) ?? 0;
    seen.set(draft.origin, count + 1);
    return [count === 0 ? draft.origin : `${draft.origin}#${count}`, draft];
  });
}

function compileTrigger(draft: Draft, key: string, listener: string, account: string, sources: Sources): CompiledTrigger {
  const { name, namespace, spec, group } = draft;
  const written = (spec.interceptors ?? []).map((interceptor) => makeInterceptor(interceptor, { ...sources, namespace }));
  const guarded = [...(group?.chain.interceptors ?? []), ...written].some(isGuard);
  const interceptors = guarded || sources.policy.unsigned !== 'refuse' ? written : [refusingUnsigned, ...written];
  const conditions = conditionsOf([...(group?.chain.interceptors ?? []), ...interceptors]);
  const action = draft.missing === undefined ? resolveAction(spec, namespace, sources) : { ok: false as const, error: draft.missing };
  return {
    name,
    namespace,
    listener,
    key,
    group,
    chain: { interceptors, namespace, triggerId: `namespaces/${namespace}/triggers/${name}` },
    conditions,
    action,
    account: spec.serviceAccountName ? `${namespace}/${spec.serviceAccountName}` : account,
  };
}

/** Stands before a trigger that would run for anybody who can reach the listener. */
const refusingUnsigned = brokenInterceptor(
  'unsigned',
  'Unauthenticated',
  `nothing verifies who sent the event, and the listener can be reached from other machines: give an interceptor a secretRef, or annotate the listener with ${ALLOW_UNSIGNED}: "true"`,
);

function isGuard({ signature, guards }: Interceptor): boolean {
  return signature !== undefined || guards === true;
}

/** Of the event as it came: what is asked behind an interceptor that changes it does not count. */
function conditionsOf(interceptors: readonly Interceptor[]): readonly Condition[] {
  const changing = interceptors.findIndex(({ changesEvent }) => changesEvent === true);
  return (changing < 0 ? interceptors : interceptors.slice(0, changing)).flatMap(({ conditions }) => conditions);
}

function resolveAction(spec: TriggerSpec, namespace: string, { lookup, expressions }: Sources): TriggerAction {
  const template = resolveTemplate(spec.template, namespace, lookup);
  if (!template.ok) return template;
  const bindings = compileBindings(spec.bindings ?? [], namespace, lookup, expressions);
  return bindings.ok ? { ok: true, bindings: bindings.bindings, template: template.template } : bindings;
}

function resolveTemplate(template: TriggerSpecTemplate | undefined, namespace: string, lookup: TriggerLookup): TemplateResult {
  if (template?.spec !== undefined) return compileTemplate(template.spec);
  const ref = template?.ref ?? '';
  if (ref === '')
    return { ok: false, error: 'the trigger has no template: expected exactly one, got neither: template.ref, template.spec' };
  const found = lookup.triggerTemplate(namespace, ref);
  if (found !== undefined) return compileTemplate(found.spec);
  return {
    ok: false,
    error: `error getting TriggerTemplate ${ref}: triggertemplate.triggers.tekton.dev "${ref}" not found in namespace ${namespace}`,
  };
}

function interceptorsOf({ group, chain }: CompiledTrigger): readonly Interceptor[] {
  return [...(group?.chain.interceptors ?? []), ...chain.interceptors];
}

function canFire(trigger: CompiledTrigger): boolean {
  return trigger.action.ok && interceptorsOf(trigger).every(({ defect }) => defect === undefined);
}

function signaturesOf(trigger: CompiledTrigger): readonly SignatureCheck[] {
  return interceptorsOf(trigger).flatMap(({ signature }) => signature ?? []);
}

function uniqueById<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

/** What keeps triggers from ever firing, and what only looks wrong. */
function complaintsOf(triggers: readonly CompiledTrigger[]): Pick<CompiledListener, 'defects' | 'warnings'> {
  const told = (of: (trigger: CompiledTrigger) => readonly string[]): readonly string[] => [
    ...new Set(
      triggers.flatMap((trigger) => of(trigger).map((text) => `Trigger ${trigger.name === '' ? trigger.key : trigger.name}: ${text}`)),
    ),
  ];
  return {
    defects: told((trigger) => {
      const ofChain = interceptorsOf(trigger).flatMap(({ defect }) => (defect === undefined ? [] : [`cannot fire: ${defect}`]));
      return trigger.action.ok ? ofChain : [`cannot fire: ${trigger.action.error}`, ...ofChain];
    }),
    warnings: told((trigger) => {
      const ofChain = interceptorsOf(trigger).flatMap(({ defect, warnings = [] }) => (defect === undefined ? warnings : []));
      return trigger.action.ok ? [...unboundParams(trigger.action), ...ofChain] : ofChain;
    }),
  };
}

/** What upstream leaves in the object as it is, so that the run fails later and elsewhere. */
function unboundParams({ bindings, template }: TriggerAction & { readonly ok: true }): readonly string[] {
  const valued = new Set([
    ...bindings.map(({ name }) => name),
    ...template.params.flatMap((param) => (param.default === undefined ? [] : param.name)),
  ]);
  const unbound = [...template.uses].filter((name) => !valued.has(name));
  return unbound.map((name) => `$(tt.params.${name}) stays as it is: no binding gives the param a value, and it has no default`);
}
