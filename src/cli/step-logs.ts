import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { taskLabel } from './columns.ts';
import type { CliContext } from './context.ts';
import { Patience } from './patience.ts';
import { StepOutput } from './step-output.ts';

type OnLine = (task: string, step: string, line: string) => void;

/**
 * Follows the output of every step of the TaskRuns it is shown: the steps of one pod in order, pods side by side, each container
 * once. A retried TaskRun has a new pod and is followed again.
 */
export class StepLogs {
  readonly #context: CliContext;
  readonly #signal: AbortSignal;
  readonly #onLine: OnLine;
  readonly #output: StepOutput;
  readonly #pods = new Map<string, Promise<void>>();

  constructor(context: CliContext, signal: AbortSignal, onLine: OnLine) {
    this.#context = context;
    this.#output = new StepOutput(context);
    this.#signal = signal;
    this.#onLine = onLine;
  }

  see(taskRun: Stored<TaskRun>): void {
    const pod = taskRun.status?.podName;
    const steps = taskRun.status?.taskSpec?.steps;
    if (pod === undefined || pod === '' || steps === undefined || this.#pods.has(pod)) return;
    const names = steps.map((step, index) => (step.name === undefined || step.name === '' ? `unnamed-${index}` : step.name));
    this.#pods.set(pod, this.#follow(taskRun, pod, names));
  }

  /** Resolves when every stream has ended: the last lines of a run come a moment after its status. */
  async settle(): Promise<void> {
    await Promise.all(this.#pods.values());
  }

  async #follow(taskRun: Stored<TaskRun>, pod: string, steps: readonly string[]): Promise<void> {
    const task = taskLabel(taskRun);
    try {
      for (const step of steps) await this.#followStep(taskRun, pod, step, (line) => this.#onLine(task, step, line));
    } catch (error) {
      // That the server is gone is the watch's to tell.
      const gone = error instanceof CliError && error.exitCode === exitCodes.unavailable;
      if (!this.#signal.aborted && !gone)
        this.#onLine(task, 'logs', `(output lost: ${error instanceof Error ? error.message : String(error)})`);
    }
  }

  async #followStep(taskRun: Stored<TaskRun>, pod: string, step: string, onLine: (line: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of this.#output.masked(taskRun, this.#bytesOf(taskRun, pod, step))) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
    if (rest !== '') onLine(rest);
  }

  /** What a step writes, each byte once. */
  async *#bytesOf({ metadata }: Stored<TaskRun>, pod: string, step: string): AsyncGenerator<Uint8Array> {
    const { client, clock, namespace } = this.#context;
    const patience = new Patience({ clock, client });
    let received = 0;
    while (!this.#signal.aborted) {
      try {
        // A stream that is taken up again begins at its beginning: what was received before is passed over.
        let passOver = received;
        const query = { container: `step-${step}`, follow: 'true' };
        for await (const chunk of client.logs(metadata.namespace ?? namespace, pod, query, this.#signal)) {
          patience.restored();
          const fresh = chunk.subarray(Math.min(passOver, chunk.length));
          passOver -= chunk.length - fresh.length;
          received += fresh.length;
          yield fresh;
        }
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        patience.lost(error);
        await clock.pause(200);
      }
    }
  }
}
