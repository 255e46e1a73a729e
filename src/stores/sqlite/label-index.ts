import type { Stored } from '../../resources/object.ts';
import type { LabelSelector } from '../selectors/label-selector.ts';

/**
 * Label keys with an index: those by which the engine finds what belongs to one run among all there are. Others are found by looking through
 * the rows of a kind (10 ms for 100,000). Adding one costs a page of the log for every object that has it, and a migration that fills it in.
 */
const INDEXED_LABELS: readonly string[] = ['tekton.dev/pipelineRun', 'tekton.dev/taskRun'];

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

/**
 * A text that occurs in the JSON of every set of labels a selector accepts, for SQLite to look for: so rows that cannot match are passed over
 * without leaving it. Empty, which occurs everywhere, where the selector demands nothing.
 */
export function demandedText(selector: LabelSelector): string {
  for (const requirement of selector) {
    if (requirement.operator === 'absent' || requirement.operator === 'notin') continue;
    const key = `${JSON.stringify(requirement.key)}:`;
    if (requirement.operator !== 'in' || requirement.values.size !== 1) return key;
    const [value] = requirement.values;
    return `${key}${JSON.stringify(value)}`;
  }
  return '';
}
