import type { Stored } from '../resources/object.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import type { RunKind } from './follow-run.ts';

/** Finds the run a user means by `NAME`, `pr/NAME` or `tr/NAME`; a bare name is a PipelineRun first. */
export async function findRun(
  { client, namespace }: CliContext,
  word: string,
): Promise<{ readonly kind: RunKind; readonly object: Stored }> {
  const slash = word.indexOf('/');
  const prefix = slash < 0 ? '' : word.slice(0, slash).toLowerCase();
  const name = word.slice(slash + 1);
  const kinds: readonly RunKind[] =
    prefix === '' ? ['PipelineRun', 'TaskRun'] : /^(tr|trs|taskruns?)$/.test(prefix) ? ['TaskRun'] : ['PipelineRun'];
  for (const kind of kinds) {
    const object = await client.get(`tekton.dev/${kind}`, namespace, name);
    if (object !== undefined) return { kind, object };
  }
  throw new CliError(exitCodes.failed, `no ${kinds.join(' or ')} named ${name} in namespace ${namespace}`);
}
