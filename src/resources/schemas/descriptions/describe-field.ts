import type { GroupKind } from '../../object.ts';
import { coreDescriptions } from './core.ts';
import { kindDescriptions } from './kinds.ts';
import { pipelineDescriptions } from './pipelines.ts';
import { podDescriptions } from './pods.ts';
import { triggerDescriptions } from './triggers.ts';

/** By the end of the path, the kind in front of it: `params.default`, `TaskRun.spec.status`. */
const descriptions: ReadonlyMap<string, string> = new Map([
  ...pipelineDescriptions,
  ...podDescriptions,
  ...triggerDescriptions,
  ...coreDescriptions,
]);

/** What `kubectl explain` and editors say of a field, in a sentence. Of several that fit, the longest path wins. */
export function describeField(kind: GroupKind, path: readonly string[]): string | undefined {
  if (path.length === 0) return kindDescriptions.get(kind);
  if (path.at(-1) === '[]' || path.at(-1) === '*') return undefined;
  const fields = [kind.slice(kind.indexOf('/') + 1), ...path.filter((step) => step !== '[]' && step !== '*')];
  for (let from = 0; from < fields.length; from++) {
    const found = descriptions.get(fields.slice(from).join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}
