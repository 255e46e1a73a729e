import type { KubeObject } from '../resources/object.ts';
import { cancelWords } from './cancel-words.ts';
import { isDone } from './children.ts';
import type { PipelineRunDecision } from './decisions.ts';

/**
 * Decisions that cancel those of the children that still go on and have not been told so in these words. Upstream also patches finished
 * children, to no effect, and reports child PipelineRuns as of unknown kind; we cancel them.
 */
export function cancelChildren(
  children: readonly KubeObject[],
  why: 'cancelled' | 'timedOut' | 'failedFast',
): readonly PipelineRunDecision[] {
  // By name, so that the order in which children were seen shows nowhere.
  const sorted = [...children].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  return sorted.flatMap((child): readonly PipelineRunDecision[] => {
    if (isDone(child)) return [];
    const { kind, metadata } = child;
    const told = (child['spec'] ?? {}) as { readonly status?: string; readonly statusMessage?: string };
    if (kind === 'PipelineRun') {
      if (told.status === 'Cancelled') return [];
      return [{ type: 'cancel-child', kind, name: metadata.name ?? '', status: 'Cancelled', statusMessage: '' }];
    }
    if (kind !== 'TaskRun' && kind !== 'CustomRun') return [];
    const words = cancelWords[kind];
    if (told.status === words.status && told.statusMessage === words[why]) return [];
    return [{ type: 'cancel-child', kind, name: metadata.name ?? '', status: words.status, statusMessage: words[why] }];
  });
}
