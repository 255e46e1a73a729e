import { succeeded } from './columns.ts';
import type { CliContext } from './context.ts';
import { findRun } from './find-run.ts';

/** Asks a run to end. A run that has ended stays as it ended. */
export async function cancel(context: CliContext, options: { readonly run: string }): Promise<void> {
  const { kind, object } = await findRun(context, options.run);
  const { namespace, name } = object.metadata;
  const condition = succeeded(object);
  if (condition !== undefined && condition.status !== 'Unknown') {
    context.print(`${name} has ended already: ${condition.reason ?? ''}\n`);
    return;
  }
  await context.client.patch(`tekton.dev/${kind}`, namespace, name, {
    spec: { status: kind === 'PipelineRun' ? 'Cancelled' : 'TaskRunCancelled' },
  });
  context.print(`${name} is being cancelled\n`);
}
