import { KubeError } from '../kube/kube-client.ts';
import { maskedValues, maskOutput } from '../main/mask-output.ts';
import { secretsOfPod } from '../main/secrets-of-pod.ts';
import type { ObjectKey } from '../ports/store.ts';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import type { CliContext } from './context.ts';

/**
 * Output of steps with the values of the Secrets that their pods were given masked, where the server does not do that itself. Whoever may not read a
 * Secret is told so, once, and sees what the server gives.
 */
export class StepOutput {
  readonly #context: Pick<CliContext, 'client' | 'note'>;
  #isTold = false;

  constructor(context: Pick<CliContext, 'client' | 'note'>) {
    this.#context = context;
  }

  async *masked(taskRun: Stored<TaskRun>, output: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    if (!this.#context.client.isCluster) yield* output;
    else yield* maskOutput(buffers(output), maskedValues(await secretsOfPod((key) => this.#get(key), taskRun, defaultEngineConfig)));
  }

  async #get({ kind, namespace, name }: ObjectKey): Promise<Stored | undefined> {
    const { client, note } = this.#context;
    try {
      return await client.get(kind, namespace, name);
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 403)) throw error;
      if (!this.#isTold) note(`values of Secrets are not masked: ${error.message}`);
      this.#isTold = true;
      return undefined;
    }
  }
}

async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
