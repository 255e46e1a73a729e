import { claimName } from '../../resources/naming/claim-name.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import { CLAIM_TEMPLATES, REUSE } from '../../resources/run-annotations.ts';
import type { WorkspaceBinding } from '../../resources/workspaces.ts';
import { again, claimTemplates } from './again.ts';

/** A workspace whose files the old run keeps in a claim made for it. */
export interface RunClaim {
  readonly workspace: string;
  readonly claim: string;
}

/** The claims of a run that a rerun of a part of it needs: what is kept may have left something there. */
export function claimsOf(run: Stored<PipelineRun>): readonly RunClaim[] {
  const taken = claimTemplates(run);
  return (run.spec.workspaces ?? []).flatMap((binding): readonly RunClaim[] => {
    const claim = claimOf(run, binding, taken);
    return claim === undefined ? [] : [{ workspace: binding.name, claim }];
  });
}

/**
 * The run again, but for the tasks that are kept. Unless `freshWorkspaces`, its workspaces are the old run's: those that have a template are bound
 * to the claims that were made of it. A run with nothing to keep is simply made again.
 */
export function partialRerun(
  run: Stored<PipelineRun>,
  { keep, freshWorkspaces = false }: { readonly keep: readonly string[]; readonly freshWorkspaces?: boolean | undefined },
): KubeObject {
  const next = again(run);
  if (keep.length === 0) return next;
  const reuse = { [REUSE]: JSON.stringify(keep) };
  const withReuse = { ...next, metadata: { ...next.metadata, annotations: { ...next.metadata.annotations, ...reuse } } };
  const spec = next['spec'] as PipelineRun['spec'];
  if (freshWorkspaces || spec.workspaces === undefined) return withReuse;

  const claims = new Map(claimsOf(run).map(({ workspace, claim }) => [workspace, claim]));
  const templates: Record<string, unknown> = {};
  const workspaces = spec.workspaces.map((binding) => {
    const { volumeClaimTemplate, ...rest } = binding;
    const name = claims.get(binding.name);
    if (volumeClaimTemplate === undefined || name === undefined) return binding;
    templates[binding.name] = volumeClaimTemplate;
    return { ...rest, persistentVolumeClaim: { claimName: name } };
  });
  if (Object.keys(templates).length === 0) return withReuse;
  const { metadata } = withReuse;
  return {
    ...withReuse,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [CLAIM_TEMPLATES]: JSON.stringify(templates) } },
    spec: { ...spec, workspaces },
  };
}

function claimOf(run: Stored<PipelineRun>, binding: WorkspaceBinding, taken: Readonly<Record<string, unknown>>): string | undefined {
  const { name, volumeClaimTemplate: template, persistentVolumeClaim: claim } = binding;
  if (template !== undefined) return claimName(name, run.metadata.uid, template.metadata?.name);
  return Object.hasOwn(taken, name) ? claim?.claimName : undefined;
}
