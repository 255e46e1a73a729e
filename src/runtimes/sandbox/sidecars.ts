import type { Clock } from '../../ports/clock.ts';
import type { ContainerState } from '../../tasks/pod-observation.ts';
import type { PlannedSidecar } from '../../tasks/pod-plan.ts';
import type { ContainerEnd, ContainerRun } from './container-run.ts';
import { giveHeadStart } from './head-start.ts';
import { ContainerProbes } from './probes/container-probes.ts';
import { type RunCommand, runCheck } from './probes/run-check.ts';

export interface SidecarsOptions {
  readonly clock: Clock;
  /** Runs a command beside one of them. */
  runBeside(sidecar: PlannedSidecar, ...args: Parameters<RunCommand>): ReturnType<RunCommand>;
  onChange(): void;
  /** Looks after work that nobody waits for. */
  inBackground(work: Promise<unknown>): void;
}

interface Running {
  readonly sidecar: PlannedSidecar;
  readonly run: ContainerRun;
  probes?: ContainerProbes | undefined;
  state: ContainerState;
  /** Why its probes had it killed. */
  failure?: string | undefined;
}

const TERM_GRACE_MS = 1_000;
/** How long a preStop hook may take. */
const HOOK_GRACE_MS = 10_000;

/** The sidecars of one pod, from their start to their end. */
export class Sidecars {
  readonly #options: SidecarsOptions;
  readonly #running = new Map<string, Running>();
  #onProgress: () => void = () => undefined;

  constructor(options: SidecarsOptions) {
    this.#options = options;
  }

  add(sidecar: PlannedSidecar, run: ContainerRun): void {
    const { clock, onChange, inBackground } = this.#options;
    const running: Running = { sidecar, run, state: { type: 'running', startedAt: run.startedAt } };
    this.#running.set(sidecar.container, running);
    const changed = (): void => {
      this.#onProgress();
      onChange();
    };
    running.probes = ContainerProbes.for(sidecar, {
      startedAt: run.startedAt,
      clock,
      runCommand: (command, timeoutMs) => this.#options.runBeside(sidecar, command, timeoutMs),
      onChange: changed,
      onFailure: (message) => {
        running.failure = message;
        inBackground(run.stop('Cancelled', TERM_GRACE_MS));
      },
    });
    inBackground(
      run.ended.then((end) => {
        running.probes?.close();
        running.state = terminated(end, running.failure);
        changed();
      }),
    );
  }

  /** By container name. */
  states(): ReadonlyMap<string, { readonly state: ContainerState; readonly ready?: boolean | undefined }> {
    return new Map([...this.#running].map(([name, { state, probes }]) => [name, { state, ready: probes?.ready }]));
  }

  /** One that has not ended. */
  running(container: string): ContainerRun | undefined {
    const found = this.#running.get(container);
    return found?.state.type === 'running' ? found.run : undefined;
  }

  hasEnded(container: string): boolean {
    return this.#running.get(container)?.state.type === 'terminated';
  }

  /** Which one is not ready, and why; one that has ended holds nobody up, as upstream counts. */
  waitsFor(): string | undefined {
    const unready = [...this.#running.values()].find(({ state, probes }) => state.type === 'running' && probes?.ready === false);
    return unready && `waits for sidecar ${JSON.stringify(unready.sidecar.name)} to be ready: ${unready.probes?.why}`;
  }

  /** Resolves when none is left to wait for, or `over` does: those with probes are ready, and the others have had their head start. */
  async ready(over: Promise<unknown>): Promise<void> {
    const { clock } = this.#options;
    let isOver = false;
    const ended = over.then(() => {
      isOver = true;
    });
    const unprobed = [...this.#running.values()].filter(({ probes }) => probes === undefined);
    await Promise.race([ended, Promise.all(unprobed.map(({ run }) => giveHeadStart(run, clock)))]);
    while (!isOver && this.waitsFor() !== undefined) {
      const progress = new Promise<void>((resolve) => {
        this.#onProgress = resolve;
      });
      await Promise.race([ended, progress]);
    }
    this.#onProgress = () => undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => this.#stop(running)));
  }

  /** Stops watching; they run on. */
  abandon(): void {
    for (const { run, probes } of this.#running.values()) {
      probes?.close();
      run.abandon();
    }
  }

  async #stop({ sidecar, run, probes, state }: Running): Promise<void> {
    probes?.close();
    const { preStop } = sidecar;
    if (preStop !== undefined && state.type === 'running') {
      const hook = runCheck(preStop, HOOK_GRACE_MS, (command, timeoutMs) => this.#options.runBeside(sidecar, command, timeoutMs));
      await Promise.race([hook, run.ended]);
    }
    await run.stop('Cancelled', TERM_GRACE_MS);
  }
}

/** One that is told to end when the steps are done has done its work. */
function terminated(end: ContainerEnd, failure: string | undefined): ContainerState {
  const { startedAt, finishedAt } = end;
  const exitCode = failure !== undefined ? 137 : end.type === 'exited' ? end.exitCode : end.type === 'killed' ? 0 : 137;
  const message = failure ?? ('message' in end ? end.message : undefined);
  return {
    type: 'terminated',
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    ...(message !== undefined && { message }),
    startedAt,
    finishedAt,
  };
}
