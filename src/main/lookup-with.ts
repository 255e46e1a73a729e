import { groupKindOf, type KubeObject } from '../resources/object.ts';
import type { Trigger } from '../resources/trigger/schema.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';

/** What there will be once `object` is stored. */
export function lookupWith(object: KubeObject, stored: TriggerLookup): TriggerLookup {
  const is = (kind: string, namespace: string | undefined, name: string): boolean => {
    const { metadata } = object;
    return groupKindOf(object) === `triggers.tekton.dev/${kind}` && metadata.name === name && metadata.namespace === namespace;
  };
  /** Admission has seen to its shape. */
  const own = <T>(kind: string, namespace: string | undefined, name: string): T | undefined =>
    is(kind, namespace, name) ? (object as unknown as T) : undefined;
  return {
    trigger: (namespace, name) => own('Trigger', namespace, name) ?? stored.trigger(namespace, name),
    triggers: (namespace) => {
      const { name = '', namespace: place } = object.metadata;
      const trigger = namespace === undefined || namespace === place ? own<Trigger>('Trigger', place, name) : undefined;
      const others = stored.triggers(namespace).filter(({ metadata }) => !is('Trigger', metadata.namespace, metadata.name ?? ''));
      return trigger === undefined ? others : [...others, trigger];
    },
    triggerBinding: (namespace, name) => own('TriggerBinding', namespace, name) ?? stored.triggerBinding(namespace, name),
    clusterTriggerBinding: (name) => own('ClusterTriggerBinding', undefined, name) ?? stored.clusterTriggerBinding(name),
    triggerTemplate: (namespace, name) => own('TriggerTemplate', namespace, name) ?? stored.triggerTemplate(namespace, name),
    clusterInterceptor: (name) => stored.clusterInterceptor(name),
    interceptor: (namespace, name) => stored.interceptor(namespace, name),
  };
}
