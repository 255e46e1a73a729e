import type { EngineConfig } from './engine-config.ts';
import type { PipelineRef, TaskRef } from './references.ts';
import type { WorkspaceBinding } from './workspaces.ts';

export function defaultTaskRef(ref: TaskRef, config: EngineConfig): TaskRef {
  const resolver = defaultResolver(ref, config);
  const withResolver = resolver === '' ? ref : { ...ref, resolver };
  return (ref.kind ?? '') === '' && resolver === '' ? { ...withResolver, kind: 'Task' } : withResolver;
}

export function defaultPipelineRef(ref: PipelineRef, config: EngineConfig): PipelineRef {
  const resolver = defaultResolver(ref, config);
  return resolver === '' ? ref : { ...ref, resolver };
}

/** A reference without name and resolver goes to the default resolver, if one is set. */
function defaultResolver(ref: PipelineRef, config: EngineConfig): string {
  const resolver = ref.resolver ?? '';
  return resolver === '' && (ref.name ?? '') === '' ? config['default-resolver-type'] : resolver;
}

/** The parts of a claim that upstream writes whether the author gave them or not. */
export function defaultBindings(workspaces: WorkspaceBinding[] | undefined): { workspaces?: WorkspaceBinding[] } {
  if (workspaces === undefined) return {};
  return {
    workspaces: workspaces.map((binding) => {
      const template = binding.volumeClaimTemplate;
      if (template === undefined) return binding;
      const { metadata = {}, spec, status = {} } = template;
      return { ...binding, volumeClaimTemplate: { ...template, metadata, spec: { ...spec, resources: spec?.resources ?? {} }, status } };
    }),
  };
}

/** Upstream silently drops what looks like a signature of Tekton Chains when a run is created. */
export function withoutReservedAnnotations<T extends { readonly annotations?: Readonly<Record<string, string>> | undefined }>(
  metadata: T,
): T {
  const { annotations } = metadata;
  if (annotations === undefined || !Object.keys(annotations).some(isReserved)) return metadata;
  return { ...metadata, annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !isReserved(key))) };
}

function isReserved(key: string): boolean {
  return key.includes('chains.tekton.dev/');
}
