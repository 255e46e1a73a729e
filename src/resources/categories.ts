import type { ResourceType } from './registry.ts';

/** By upstream's CRDs: `kubectl get tekton` lists all of these. */
const byGroup: ReadonlyMap<string, readonly string[]> = new Map([
  ['tekton.dev', ['tekton', 'tekton-pipelines']],
  ['triggers.tekton.dev', ['tekton', 'tekton-triggers']],
  ['resolution.tekton.dev', ['tekton', 'tekton-pipelines']],
  ['tappet.dev', ['tappet']],
]);

/** Words that stand for several kinds at once. */
export function categoriesOf({ group, plural }: ResourceType): readonly string[] {
  return group === '' && plural === 'pods' ? ['all'] : (byGroup.get(group) ?? []);
}
