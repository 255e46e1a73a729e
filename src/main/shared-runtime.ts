import type { Runtime } from '../ports/runtime.ts';

/**
 * A runtime that several replicas share: pods of other shares are not ours to end, and what nobody owns any more Kubernetes removes, so there is nothing to tidy up
 * at the start. Not by inheritance: a runtime's private members belong to itself alone.
 */
export function sharedRuntime(runtime: Runtime): Runtime {
  return new Proxy(runtime, {
    get(target, key) {
      if (key === 'list') return async () => [];
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
