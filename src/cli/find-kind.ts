import { type GroupKind, groupKindOf } from '../resources/object.ts';
import { apiVersionOf, resourceTypes, typeOfWord } from '../resources/registry.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** `pr`, `pipelinerun`, `pipelineruns`, `pipelineruns.tekton.dev`: what kubectl users type. */
export function findKind(word: string): GroupKind {
  const type = typeOfWord(word);
  if (type !== undefined) return groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind });
  const known = resourceTypes.map((known) => known.plural).sort();
  throw new CliError(exitCodes.usage, `unknown kind "${word}"; known: ${known.join(', ')}`);
}
