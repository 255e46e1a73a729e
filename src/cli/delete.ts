import { KubeError } from '../kube/kube-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { findKind } from './find-kind.ts';

export async function deleteOne(context: CliContext, options: { readonly kind: string; readonly name: string }): Promise<void> {
  const kind = findKind(options.kind);
  try {
    await context.client.delete(kind, context.namespace, options.name);
  } catch (error) {
    if (error instanceof KubeError && error.code === 404)
      throw new CliError(exitCodes.failed, `${kind} ${context.namespace}/${options.name} not found`);
    throw error;
  }
  context.print(`${kind} ${options.name} deleted\n`);
}
