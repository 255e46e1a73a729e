import { groupKindOf, type KubeObject } from '../resources/object.ts';
import type { Outside } from '../triggers/outside.ts';
import { secretValue } from './store-secrets.ts';

/** Reads the Secrets among these objects, and those `behind` for the rest. A Secret that is here covers the whole of one behind it. */
export function secretsOver(objects: readonly KubeObject[], behind: Outside['secret']): Outside['secret'] {
  const secrets = objects.filter((object) => groupKindOf(object) === 'Secret');
  return async (namespace, name, key) => {
    const own = secrets.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return own === undefined ? await behind(namespace, name, key) : secretValue(own, key);
  };
}
