import { groupKindOf } from '../resources/object.ts';
import { appliedLines, applyManifests, checkedManifests } from './apply.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { succeeded } from './columns.ts';
import type { CliContext } from './context.ts';
import { exitCodeOf, type RunKind } from './follow-run.ts';
import type { Manifest } from './read-manifests.ts';
import { showRun } from './show-run.ts';

/** Applies the files, follows the one run among them to its end, and tells by the exit code how it ended. */
export async function run(context: CliContext, options: { readonly files: readonly string[] }): Promise<ExitCode> {
  const checked = await checkedManifests(context, options.files);
  const index = await newRunAmong(context, checked.manifests, options.files);
  const applied = await applyManifests(context, checked);
  context.note(appliedLines(applied).trimEnd());
  const object = applied[index]?.object;
  if (object === undefined) throw new Error('a manifest was applied without an answer');
  const { namespace, name } = object.metadata;
  const ended = await showRun({ ...context, namespace: namespace ?? context.namespace }, object.kind as RunKind, name);
  return ended === undefined ? exitCodes.unavailable : exitCodeOf(succeeded(ended));
}

/** Asked before anything is written: there is exactly one run, and it is new. Gives its place in the list. */
async function newRunAmong({ client }: CliContext, manifests: readonly Manifest[], files: readonly string[]): Promise<number> {
  const runs = manifests.filter(({ object }) => isRun(groupKindOf(object)));
  const [first, second] = runs;
  if (first === undefined) {
    throw new CliError(
      exitCodes.usage,
      `${files.join(', ')}: no PipelineRun or TaskRun in there, nothing was applied; "tappet apply" is for files without one`,
    );
  }
  if (second !== undefined) {
    throw new CliError(
      exitCodes.usage,
      `${second.at()}: a second run after ${first.at()}, nothing was applied; "tappet run" follows one, "tappet apply" takes any number`,
    );
  }
  const { metadata, kind } = first.object;
  if (metadata.name !== undefined && metadata.name !== '') {
    const known = await client.get(groupKindOf(first.object), metadata.namespace, metadata.name);
    if (known !== undefined) {
      throw new CliError(
        exitCodes.usage,
        `${first.at('metadata.name')}: ${kind} ${metadata.name} exists already, nothing was applied; delete it, or give metadata.generateName instead of name for a new run each time`,
      );
    }
  }
  return manifests.indexOf(first);
}

function isRun(kind: string): boolean {
  return kind === 'tekton.dev/PipelineRun' || kind === 'tekton.dev/TaskRun';
}
