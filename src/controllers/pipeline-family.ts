import type { PipelineRunFacts } from '../pipelines/decisions.ts';
import { childPipelineNames } from '../pipelines/references.ts';
import type { Store } from '../ports/store.ts';
import type { Stored } from '../resources/object.ts';
import { owningRun } from '../resources/owning-run.ts';
import type { Pipeline } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { Definitions } from './definitions.ts';

/** Ownership is no circle, but who restores a backup may make it one. */
const DEEPEST = 100;

/** The facts with what pipelines in pipelines need: the Pipelines its tasks refer to, and those it runs in itself. */
export async function withFamily(
  run: Stored<PipelineRun>,
  facts: PipelineRunFacts,
  { store, definitions }: { readonly store: Store; readonly definitions: Definitions },
): Promise<PipelineRunFacts> {
  const { pipeline } = facts;
  const { namespace } = run.metadata;
  const childPipelines = new Map<string, Resolved<Pipeline>>();
  for (const name of childPipelineNames(run, pipeline)) {
    childPipelines.set(name, await definitions.resolve<Pipeline>(run, { kind: 'tekton.dev/Pipeline', namespace, name }));
  }
  const ancestors = await ancestorsOf(run, store);
  return childPipelines.size === 0 && ancestors.length === 0 ? facts : { ...facts, childPipelines, ancestors };
}

/** The names of the pipelines that the runs run which this one is a child of, the nearest first. */
async function ancestorsOf(run: PipelineRun, store: Store): Promise<readonly string[]> {
  const names: string[] = [];
  let current = run;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const owner = owningRun(current);
    if (owner === undefined) break;
    const key = { kind: 'tekton.dev/PipelineRun', namespace: run.metadata.namespace, name: owner.name };
    const parent: Stored<PipelineRun> | undefined = await store.get<PipelineRun>(key);
    if (parent === undefined || parent.metadata.uid !== owner.uid) break;
    names.push(parent.metadata.labels?.['tekton.dev/pipeline'] ?? '');
    current = parent;
  }
  return names;
}
