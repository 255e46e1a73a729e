import type { GroupKind } from '../resources/object.ts';
import { findResourceType, groupKindOfType, resourceTypes } from '../resources/registry.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** `pr`, `pipelinerun`, `pipelineruns`, `pipelineruns.tekton.dev`: what kubectl users type. */
export function findKind(word: string): GroupKind {
  const type = findResourceType(word);
  if (type !== undefined) return groupKindOfType(type);
  const known = resourceTypes.map((known) => known.plural).sort();
  throw new CliError(exitCodes.usage, `unknown kind "${word}"; known: ${known.join(', ')}`);
}
