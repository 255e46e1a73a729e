import { groupKindOf } from '../resources/object.ts';
import { appliedLines, apply, nameOf } from './apply.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { succeeded } from './columns.ts';
import type { CliContext } from './context.ts';
import { exitCodeOf, type RunKind } from './follow-run.ts';
import { showRun } from './show-run.ts';

/** Applies the files, follows the first run among them to its end, and tells by the exit code how it ended. */
export async function run(context: CliContext, options: { readonly files: readonly string[] }): Promise<ExitCode> {
  const applied = await apply(context, { files: options.files });
  context.note(appliedLines(applied).trimEnd());
  const first = applied.find(({ object }) => isRun(groupKindOf(object)));
  if (first === undefined) {
    throw new CliError(exitCodes.usage, `no PipelineRun or TaskRun among ${options.files.join(', ')}; "tappet apply" is for files without one`);
  }
  if (first.action === 'unchanged') {
    throw new CliError(exitCodes.usage, `${nameOf(first.object)} exists already; delete it, or use metadata.generateName for a new run each time`);
  }
  const { namespace, name } = first.object.metadata;
  const ended = await showRun({ ...context, namespace: namespace ?? context.namespace }, first.object.kind as RunKind, name);
  return exitCodeOf(succeeded(ended));
}

function isRun(kind: string): boolean {
  return kind === 'tekton.dev/PipelineRun' || kind === 'tekton.dev/TaskRun';
}
