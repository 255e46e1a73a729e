import type { Clock } from '../../../ports/clock.ts';
import type { PlannedStep } from '../../../tasks/pod-plan.ts';
import type { ContainerEnd } from '../container-run.ts';
import type { PodPaths } from '../pod-paths.ts';
import { debugScriptsFolder, noteWaitingStep } from './debug-scripts.ts';
import { type Breakpoint, untilAnswered } from './until-answered.ts';

export interface BreakpointsOptions {
  readonly paths: PodPaths;
  readonly clock: Clock;
  /** Fires when the pod is to stop, or the server. */
  readonly interrupted: AbortSignal;
  readonly onChange: () => void;
}

/** Where a pod's steps wait for somebody to look at them. */
export class Breakpoints {
  readonly #options: BreakpointsOptions;
  #waiting: { readonly since: number; readonly message: string } | undefined;

  constructor(options: BreakpointsOptions) {
    this.#options = options;
  }

  /** The step that waits, since when, and what for. */
  get waiting(): { readonly since: number; readonly message: string } | undefined {
    return this.#waiting;
  }

  /** Before a step: whether it may run; `undefined`: interrupted. */
  async mayRun(index: number, step: PlannedStep): Promise<boolean | undefined> {
    const scripts = 'debug-beforestep-continue or debug-beforestep-fail-continue';
    const answer = await this.#pause(index, step, this.#options.clock.now(), 'beforeStep', scripts);
    return answer === undefined ? undefined : answer === 0;
  }

  /** What a step has ended with. A timeout is not for debugging, nor is a lack of memory: upstream has it the same. */
  async after(index: number, step: PlannedStep, end: ContainerEnd): Promise<ContainerEnd> {
    const failed = end.type === 'not-runnable' || (end.type === 'exited' && end.exitCode !== 0 && !end.outOfMemory);
    if (!failed) return end;
    const { startedAt } = end;
    const answer = await this.#pause(index, step, startedAt, 'onFailure', 'debug-continue, debug-fail-continue or debug-shell');
    const times = { startedAt, finishedAt: this.#options.clock.now() };
    return answer === undefined ? { ...times, type: 'killed', reason: 'Cancelled' } : { ...times, type: 'debugged', exitCode: answer };
  }

  async #pause(index: number, step: PlannedStep, since: number, at: Breakpoint, scripts: string): Promise<number | undefined> {
    const { paths, interrupted, onChange } = this.#options;
    noteWaitingStep(paths, index, step);
    const why = at === 'beforeStep' ? 'before it runs' : 'because it has failed';
    this.#waiting = { since, message: `step ${JSON.stringify(step.name)} waits ${why}: run ${scripts}, in ${debugScriptsFolder(paths)}` };
    onChange();
    const answer = await untilAnswered(paths, index, at, interrupted);
    this.#waiting = undefined;
    return answer;
  }
}
