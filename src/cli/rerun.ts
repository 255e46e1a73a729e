import { prepareRerun, type RerunRequest } from '../main/prepare-rerun.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { succeeded } from './columns.ts';
import type { CliContext } from './context.ts';
import { findRun } from './find-run.ts';
import { exitCodeOf } from './follow-run.ts';
import { showRun } from './show-run.ts';
import { printable } from './terminal.ts';

export interface RerunOptions {
  /** `NAME`, `pr/NAME` or `tr/NAME`. */
  readonly run: string;
  readonly fromFailed?: boolean | undefined;
  readonly from?: string | undefined;
  readonly only?: string | undefined;
  readonly freshWorkspaces?: boolean | undefined;
  readonly follow?: boolean | undefined;
}

/** Makes a run again, all of it or a part, as a new run; with `follow`, shows it to its end and exits as it ended. */
export async function rerun(context: CliContext, options: RerunOptions): Promise<ExitCode> {
  const { kind, object } = await findRun(context, options.run);
  const { freshWorkspaces } = options;
  const prepared = await prepareRerun(context.client, object, { from: partOf(options), freshWorkspaces });
  if (!prepared.ok) throw new CliError(exitCodes.failed, printable(prepared.message));
  const { object: created, warnings } = await context.client.create(prepared.run, `tekton.dev/${kind}`);
  const { name, namespace = context.namespace } = created.metadata;
  for (const note of [...prepared.notes, ...warnings]) context.note(printable(note));
  if (prepared.keep.length > 0) {
    context.note(`runs again: ${prepared.again.join(', ')}`);
    context.note(`stays as in ${object.metadata.name}: ${prepared.keep.join(', ')}`);
  }
  context.print(`${name}\n`);
  if (options.follow !== true) return exitCodes.ok;
  const ended = await showRun({ ...context, namespace }, kind, name);
  return ended === undefined ? exitCodes.unavailable : exitCodeOf(succeeded(ended));
}

function partOf({ fromFailed, from, only }: RerunOptions): RerunRequest['from'] {
  const given = [fromFailed === true, from !== undefined, only !== undefined].filter(Boolean).length;
  if (given > 1) throw new CliError(exitCodes.usage, '--from-failed, --from and --only exclude each other: give one of them, or none');
  if (from !== undefined) return { type: 'from', task: from };
  if (only !== undefined) return { type: 'only', task: only };
  return { type: fromFailed === true ? 'failed' : 'all' };
}
