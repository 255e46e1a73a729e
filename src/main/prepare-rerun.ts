import { again } from '../pipelines/rerun/again.ts';
import { chooseTasks, type RerunFrom } from '../pipelines/rerun/choose-tasks.ts';
import { claimsOf, partialRerun } from '../pipelines/rerun/partial-rerun.ts';
import { type GroupKind, groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

/** Where the run and what belongs to it are read: an API client, a store. */
export interface RunReader {
  get(kind: GroupKind, namespace: string | undefined, name: string): Promise<Stored | undefined>;
  list(
    kind: GroupKind,
    namespace: string | undefined,
    query: { readonly labelSelector: string },
  ): Promise<{ readonly items: readonly Stored[] }>;
}

export interface RerunRequest {
  readonly from: RerunFrom;
  /** New claims for workspaces that have a template, though tasks are kept that may have left something in the old ones. */
  readonly freshWorkspaces?: boolean | undefined;
}

export type PreparedRerun =
  | {
      readonly ok: true;
      /** To be created; the server names it. */
      readonly run: KubeObject;
      readonly again: readonly string[];
      readonly keep: readonly string[];
      /** For people: what they may expect and will not find. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

/** The new run that makes an old one again, or a part of it; or why there is none. Reads only. */
export async function prepareRerun(reader: RunReader, object: Stored, request: RerunRequest): Promise<PreparedRerun> {
  const { from, freshWorkspaces } = request;
  if (object.kind !== 'PipelineRun' || from.type === 'all') {
    if (from.type !== 'all')
      return { ok: false, message: `${object.metadata.name} is a ${object.kind}: it can only be run again as a whole` };
    return { ok: true, run: again(object), again: [], keep: [], notes: [] };
  }
  const run = object as Stored<PipelineRun>;
  const chosen = chooseTasks(run, await childrenOf(reader, run), from);
  if (!chosen.ok) return chosen;
  const keepsFiles = chosen.keep.length > 0 && freshWorkspaces !== true;
  if (keepsFiles) {
    const { namespace } = run.metadata;
    for (const { workspace, claim } of claimsOf(run)) {
      if ((await reader.get('PersistentVolumeClaim', namespace, claim)) !== undefined) continue;
      return {
        ok: false,
        message:
          `workspace ${workspace}: its claim ${claim} is gone, and with it what the tasks that are kept left there ` +
          '(--fresh-workspaces: go on with an empty one; without --from, --from-failed and --only all tasks run again)',
      };
    }
  }
  const notes = keepsFiles ? emptyWorkspaces(run) : [];
  return { ok: true, run: partialRerun(run, { keep: chosen.keep, freshWorkspaces }), again: chosen.again, keep: chosen.keep, notes };
}

/** Of all kinds, and also those that the run has from one it was itself made of. */
async function childrenOf(reader: RunReader, { metadata, status }: Stored<PipelineRun>): Promise<readonly KubeObject[]> {
  const { namespace, name } = metadata;
  const references = status?.childReferences ?? [];
  const kinds = [...new Set(references.map(groupKindOf))];
  const lists = await Promise.all(kinds.map((kind) => reader.list(kind, namespace, { labelSelector: `tekton.dev/pipelineRun=${name}` })));
  const known = new Map(lists.flatMap(({ items }) => items).map((child) => [`${child.kind}/${child.metadata.name}`, child]));
  const found: KubeObject[] = [];
  for (const reference of references) {
    const child = known.get(`${reference.kind}/${reference.name}`) ?? (await reader.get(groupKindOf(reference), namespace, reference.name));
    if (child !== undefined) found.push(child);
  }
  return found;
}

function emptyWorkspaces({ spec }: PipelineRun): readonly string[] {
  return (spec.workspaces ?? []).flatMap(({ name, emptyDir }) =>
    emptyDir === undefined ? [] : `workspace ${name} is an emptyDir: every task has one of its own, empty at first, as in any run`,
  );
}
