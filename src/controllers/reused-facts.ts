import type { ReusedFacts } from '../pipelines/rerun/kept-tasks.ts';
import { reusedReferences, reusedRunName } from '../pipelines/rerun/reused-references.ts';
import type { Store } from '../ports/store.ts';
import { groupKindOf, type Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

/** What a rerun keeps tasks from, as far as it is still there. `undefined` for a run that keeps none. */
export async function reusedFacts(store: Store, run: Stored<PipelineRun>): Promise<ReusedFacts | undefined> {
  const { namespace } = run.metadata;
  const name = reusedRunName(run);
  const from = name === undefined ? undefined : await store.get<PipelineRun>({ kind: 'tekton.dev/PipelineRun', namespace, name });
  const references = reusedReferences(run, from);
  if (name === undefined && references.length === 0) return undefined;
  const found = await Promise.all(
    references.map((reference) => store.get({ kind: groupKindOf(reference), namespace, name: reference.name })),
  );
  return { from, children: found.filter((child) => child !== undefined) };
}
