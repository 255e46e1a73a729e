import type { KubeObject } from '../../resources/object.ts';
import type { TriggerSpec, TriggerSpecBinding } from '../../resources/trigger/schema.ts';
import type { LintedChain } from './lint-chain.ts';
import type { Reference } from './references.ts';

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

/** Bindings and template. */
export function specReferences(
  spec: Pick<TriggerSpec, 'bindings' | 'template'>,
  owner: KubeObject,
  path: string,
  namespace: string,
): readonly Reference[] {
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
