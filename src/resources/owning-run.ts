import type { KubeObject, OwnerReference } from './object.ts';

/** The PipelineRun that made an object, if one did. */
export function owningRun({ metadata }: Pick<KubeObject, 'metadata'>): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ kind, controller }) => controller === true && kind === 'PipelineRun');
}
