import type { Trigger, TriggerInterceptor, TriggerSpecBinding } from './schema.ts';

export function defaultTrigger(trigger: Trigger): Trigger {
  return { ...trigger, spec: defaultTriggerParts(trigger.spec) };
}

interface TriggerParts {
  readonly bindings?: TriggerSpecBinding[] | undefined;
  readonly interceptors?: TriggerInterceptor[] | undefined;
}

/** What a Trigger, a listener's own trigger and a trigger group have in common. */
export function defaultTriggerParts<T extends TriggerParts>(parts: T): T {
  return {
    ...parts,
    ...(parts.bindings === undefined ? {} : { bindings: parts.bindings.map(defaultBinding) }),
    ...(parts.interceptors === undefined ? {} : { interceptors: parts.interceptors.map(defaultInterceptor) }),
  };
}

/** Upstream gives a kind even to inline name and value. */
function defaultBinding(binding: TriggerSpecBinding): TriggerSpecBinding {
  return (binding.kind ?? '') === '' ? { ...binding, kind: 'TriggerBinding' } : binding;
}

function defaultInterceptor(interceptor: TriggerInterceptor): TriggerInterceptor {
  return (interceptor.ref?.kind ?? '') === '' ? { ...interceptor, ref: { ...interceptor.ref, kind: 'ClusterInterceptor' } } : interceptor;
}
