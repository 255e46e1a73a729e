import type { Stored } from '../../resources/object.ts';
import type { LabelSelector } from '../selectors/label-selector.ts';

/**
 * Label keys with an index: those by which the engine finds what belongs to one run or one event among all there are. Others are read off the
 * rows of a kind. Adding one needs a migration that fills it in.
 */
const INDEXED_LABELS: readonly string[] = ['tekton.dev/pipelineRun', 'tekton.dev/taskRun', 'triggers.tekton.dev/triggers-eventid'];

export interface IndexedLabel {
  readonly key: string;
  readonly value: string;
}

export function indexedLabels(labels: Stored['metadata']['labels']): readonly IndexedLabel[] {
  if (labels === undefined) return [];
  return INDEXED_LABELS.flatMap((key) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value === undefined ? [] : [{ key, value }];
  });
}

/** An indexed label of which a selector demands one value. */
export function demandedLabel(selector: LabelSelector): IndexedLabel | undefined {
  for (const requirement of selector) {
    if (requirement.operator !== 'in' || requirement.values.size !== 1 || !INDEXED_LABELS.includes(requirement.key)) continue;
    const [value = ''] = requirement.values;
    return { key: requirement.key, value };
  }
  return undefined;
}
