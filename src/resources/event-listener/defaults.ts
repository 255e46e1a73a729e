import type { EngineConfig } from '../engine-config.ts';
import { defaultTriggerParts } from '../trigger/defaults.ts';
import type { EventListener, EventListenerResources } from './schema.ts';

export function defaultEventListener(listener: EventListener, config: EngineConfig): EventListener {
  const { spec } = listener;
  const account = spec.serviceAccountName ?? '';
  return {
    ...listener,
    spec: {
      ...spec,
      serviceAccountName: account === '' ? config['default-service-account'] : account,
      ...(spec.triggers === undefined ? {} : { triggers: spec.triggers.map(defaultTriggerParts) }),
      ...(spec.triggerGroups === undefined ? {} : { triggerGroups: spec.triggerGroups.map(defaultTriggerParts) }),
      ...(spec.resources === undefined ? {} : { resources: defaultResources(spec.resources) }),
    },
  };
}

function defaultResources(resources: EventListenerResources): EventListenerResources {
  const { kubernetesResource } = resources;
  if (kubernetesResource?.replicas !== 0) return resources;
  return { ...resources, kubernetesResource: { ...kubernetesResource, replicas: 1 } };
}
