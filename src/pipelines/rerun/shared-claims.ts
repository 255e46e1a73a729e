import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import type { PipelineRunDecision } from '../decisions.ts';
import { ownerOf } from '../metadata.ts';
import { claimTemplates } from './again.ts';

/** Claims that a rerun took over from the run it was made of: they last as long as one of the two does. */
export function sharedClaims(run: PipelineRun): readonly PipelineRunDecision[] {
  const templates = claimTemplates(run);
  return (run.spec.workspaces ?? []).flatMap(({ name, persistentVolumeClaim: claim }): readonly PipelineRunDecision[] => {
    if (claim?.claimName === undefined || !Object.hasOwn(templates, name)) return [];
    // The claim stays its maker's; nobody's deletion waits for it.
    return [{ type: 'share-claim', name: claim.claimName, owner: { ...ownerOf(run), controller: false, blockOwnerDeletion: false } }];
  });
}
