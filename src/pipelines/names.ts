import { childName } from '../resources/naming/child-name.ts';

const longestName = 63;

/**
 * The names of a pipeline task's children: one plain name, or for a matrix of several one a combination, ending in `-<index>` even where
 * the rest had to be hashed. Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/pipelinerunresolution.go, `getNewRunNames`.
 */
export function childNames(run: string, task: string, count: number): readonly string[] {
  const plain = childName(run, `-${task}`);
  if (count === 1) return [plain];
  const base = plain.slice(0, longestName - `-${count}`.length);
  return Array.from({ length: count }, (_, index) => {
    const name = childName(run, `-${task}-${index}`);
    return name.endsWith(`-${index}`) ? name : `${base}-${index}`;
  });
}
