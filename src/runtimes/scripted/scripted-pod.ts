import type { Clock } from '../../ports/clock.ts';
import type { ContainerState, PodObservation } from '../../tasks/pod-observation.ts';
import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { type NextStep, nextStep } from '../../tasks/step-protocol.ts';
import { type StepEnd, type StepVerdict, stepVerdict, terminatedState } from '../../tasks/step-verdict.ts';
import type { StepScript } from './step-script.ts';

interface Settled {
  readonly verdict: StepVerdict;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly script: StepScript;
}

export interface ScriptedPodContext {
  readonly clock: Clock;
  readonly scriptOf: (name: string) => StepScript;
  onChange(): void;
  onEnd(): void;
}

const LOST_EXIT_CODE = 137;
const nothing: StepScript = {};

/** A pod whose steps end as their scripts say. */
export class ScriptedPod {
  readonly #plan: PodPlan;
  readonly #context: ScriptedPodContext;
  readonly #settled: Settled[] = [];
  #startedAt: number | undefined;
  #finishedAt: number | undefined;
  #runningSince: number | undefined;
  #lost: string | undefined;
  #evicted: string | undefined;
  #cancelled = false;
  #takeBack: () => void = () => undefined;

  constructor(plan: PodPlan, context: ScriptedPodContext) {
    this.#plan = plan;
    this.#context = context;
  }

  get hasEnded(): boolean {
    return this.#finishedAt !== undefined;
  }

  /** Whether something keeps it from ever beginning. */
  get isBlocked(): boolean {
    return this.#scripts.some(({ waiting, unschedulable }) => waiting !== undefined || unschedulable !== undefined);
  }

  begin(): void {
    this.#startedAt = this.#context.clock.now();
    this.#whenReady(() => this.#advance());
  }

  /** In the same turn where no sidecar keeps the steps waiting. */
  #whenReady(run: () => void): void {
    const instants = this.#plan.sidecars.map((sidecar) => this.#readyAt(sidecar));
    const readyAt = this.#plan.ignoresReadiness ? 0 : Math.max(0, ...instants);
    if (readyAt <= this.#context.clock.now()) {
      run();
      return;
    }
    this.#context.onChange();
    if (readyAt < Number.POSITIVE_INFINITY) this.#takeBack = this.#context.clock.at(readyAt, run);
  }

  /** When it is ready, or has ended before that. Without probes nothing waits for it. */
  #readyAt({ name, readinessProbe, startupProbe }: PlannedSidecar): number {
    const { readyAfterMs = 0, neverReady = false } = this.#context.scriptOf(name);
    const startedAt = this.#startedAt ?? 0;
    if (readinessProbe === undefined && startupProbe === undefined) return startedAt;
    const ready = neverReady ? Number.POSITIVE_INFINITY : startedAt + readyAfterMs;
    return Math.min(ready, this.#crashOf(name, startedAt)?.finishedAt ?? ready);
  }

  stop(): void {
    if (this.hasEnded) return;
    this.#cancelled = true;
    this.#takeBack();
    const now = this.#context.clock.now();
    for (let index = this.#settled.length; index < this.#plan.steps.length; index++) {
      const verdict = stepVerdict({ onError: 'stopAndFail' }, { type: 'cancelled' });
      this.#settled.push({ verdict, startedAt: this.#runningSince ?? now, finishedAt: now, script: nothing });
      this.#runningSince = undefined;
    }
    this.#end();
  }

  /** `undefined`: no such container. */
  output(container: string): string | undefined {
    const index = this.#plan.steps.findIndex((step) => step.container === container);
    if (index < 0) return undefined;
    return this.#settled[index]?.script.output ?? '';
  }

  isOver(container: string): boolean {
    return this.hasEnded || this.#plan.steps.findIndex((step) => step.container === container) < this.#settled.length;
  }

  observe(forSlot: { readonly reason: string; readonly message: string } | undefined): PodObservation {
    const waiting = this.#holdUp ?? forSlot;
    const { uid, steps, sidecars } = this.#plan;
    const failed = this.#settled.some(({ verdict }) => verdict.stopsPod);
    return {
      uid,
      phase: this.hasEnded ? (failed ? 'Failed' : 'Succeeded') : this.#startedAt === undefined ? 'Pending' : 'Running',
      ...(this.#startedAt === undefined && !this.hasEnded && (this.#placeless ?? waiting)),
      ...this.#holdUp,
      ...(this.#cancelled && { reason: 'Cancelled' }),
      ...(this.#lost !== undefined && {
        reason: 'Lost',
        message: `step ${JSON.stringify(this.#lost)}: its process vanished, as its script says`,
      }),
      ...(this.#evicted !== undefined && { reason: 'Evicted', message: this.#evicted }),
      ...(this.#startedAt !== undefined && { startedAt: this.#startedAt }),
      ...(this.#finishedAt !== undefined && { finishedAt: this.#finishedAt }),
      steps: steps.map(({ name, container, image }, index) => {
        const done = this.#settled[index];
        const state = done ? terminatedState(done.verdict, done.startedAt, done.finishedAt) : this.#unsettled(name, index, waiting);
        return {
          name,
          container,
          imageId: image,
          state,
          ...(done && { terminationReason: done.verdict.terminationReason }),
          results: done?.verdict.readsResults ? (done.script.stepResults ?? {}) : {},
          taskResults: this.#taskResults(index),
        };
      }),
      sidecars: sidecars.map((sidecar) => ({
        name: sidecar.name,
        container: sidecar.container,
        imageId: sidecar.image,
        state: this.#sidecarState(sidecar.name, waiting),
        ...this.#healthOf(sidecar),
      })),
      ranBy: 'scripted',
    };
  }

  /** A step reports what earlier ones have left too. */
  #taskResults(index: number): Readonly<Record<string, string>> {
    if (this.#settled[index]?.verdict.readsResults !== true) return {};
    return Object.fromEntries(
      this.#settled
        .slice(0, index + 1)
        .flatMap(({ verdict, script }) => (verdict.readsResults ? Object.entries(script.results ?? {}) : [])),
    );
  }

  get #scripts(): readonly StepScript[] {
    return [...this.#plan.steps, ...this.#plan.sidecars].map(({ name }) => this.#context.scriptOf(name));
  }

  get #holdUp(): { readonly reason: string; readonly message: string } | undefined {
    if (this.#startedAt === undefined || this.hasEnded || this.#plan.ignoresReadiness || this.#settled.length > 0) return undefined;
    const now = this.#context.clock.now();
    const unready = this.#plan.sidecars.find((sidecar) => this.#readyAt(sidecar) > now);
    if (unready === undefined) return undefined;
    const message = `the first step waits for sidecar ${JSON.stringify(unready.name)}, which is not ready, as its script says`;
    return { reason: 'WaitingForSidecars', message };
  }

  #healthOf(sidecar: PlannedSidecar): { readonly ready: boolean; readonly started: boolean } | undefined {
    const { readinessProbe, startupProbe } = sidecar;
    if (readinessProbe === undefined && startupProbe === undefined) return undefined;
    const ready = this.#startedAt !== undefined && !this.hasEnded && this.#readyAt(sidecar) <= this.#context.clock.now();
    return { ready, started: startupProbe === undefined ? this.#startedAt !== undefined : ready };
  }

  /** In Kubernetes' words. */
  get #placeless(): { readonly reason: string; readonly message: string } | undefined {
    const message = this.#scripts.find(({ unschedulable }) => unschedulable !== undefined)?.unschedulable;
    return message === undefined ? undefined : { reason: 'Unschedulable', message };
  }

  #advance(): void {
    for (let next = this.#next(); next.type !== 'done'; next = this.#next()) {
      const now = this.#context.clock.now();
      if (next.type === 'settle') this.#settled.push({ verdict: next.verdict, startedAt: now, finishedAt: now, script: nothing });
      else if (!this.#play(next.step, now)) return;
    }
    this.#end();
  }

  #next(): NextStep {
    const verdicts = this.#settled.map(({ verdict }) => verdict);
    return nextStep(this.#plan, verdicts, { result: (step, result) => this.#stepResult(step, result), artifacts: () => undefined });
  }

  /** False while the step has time to run; then it comes back by itself. */
  #play(step: PlannedStep, now: number): boolean {
    const { clock, scriptOf, onChange } = this.#context;
    const script = scriptOf(step.name);
    const timeout = step.timeoutMs ?? Number.POSITIVE_INFINITY;
    const runs = script.neverEnds ? Number.POSITIVE_INFINITY : (script.afterMs ?? 0);
    const settle = (): void => {
      const timedOut = runs > timeout;
      const verdict = this.#verdict(step, timedOut ? { type: 'timed-out' } : endOf(script), script);
      this.#settled.push({ verdict, startedAt: now, finishedAt: clock.now(), script: timedOut ? nothing : script });
      this.#runningSince = undefined;
    };
    const length = Math.min(runs, timeout);
    if (length === 0) {
      settle();
      return true;
    }
    this.#runningSince = now;
    onChange();
    if (length < Number.POSITIVE_INFINITY) {
      this.#takeBack = clock.at(now + length, () => {
        settle();
        onChange();
        this.#advance();
      });
    }
    return false;
  }

  #verdict(step: PlannedStep, end: StepEnd, script: StepScript): StepVerdict {
    if (end.type === 'exited' && script.evicted !== undefined) {
      this.#evicted = script.evicted;
      return stepVerdict({ onError: 'stopAndFail' }, { type: 'exited', exitCode: LOST_EXIT_CODE });
    }
    if (end.type !== 'exited' || !script.lost) return stepVerdict(step, end);
    this.#lost = step.name;
    return {
      ...stepVerdict({ onError: 'stopAndFail' }, { type: 'exited', exitCode: LOST_EXIT_CODE }),
      message: 'its process vanished, as its script says',
    };
  }

  #end(): void {
    this.#finishedAt = this.#context.clock.now();
    this.#context.onEnd();
    this.#context.onChange();
  }

  #unsettled(name: string, index: number, waiting: { readonly reason: string } | undefined): ContainerState {
    if (index === this.#settled.length && this.#runningSince !== undefined) return { type: 'running', startedAt: this.#runningSince };
    return this.#waiting(name, waiting);
  }

  #sidecarState(name: string, waiting: { readonly reason: string } | undefined): ContainerState {
    if (this.#startedAt === undefined) return this.#waiting(name, waiting);
    const crashed = this.#crashOf(name, this.#startedAt);
    if (crashed !== undefined && crashed.finishedAt <= (this.#finishedAt ?? this.#context.clock.now())) return crashed;
    if (this.#finishedAt === undefined) return { type: 'running', startedAt: this.#startedAt };
    return { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: this.#startedAt, finishedAt: this.#finishedAt };
  }

  /** A sidecar that ends by itself before anybody stops it. */
  #crashOf(name: string, startedAt: number): Extract<ContainerState, { type: 'terminated' }> | undefined {
    const { exitCode = 0, outOfMemory = false, afterMs = 0 } = this.#context.scriptOf(name);
    if (exitCode === 0 && !outOfMemory) return undefined;
    const code = outOfMemory ? LOST_EXIT_CODE : exitCode;
    return { type: 'terminated', exitCode: code, reason: outOfMemory ? 'OOMKilled' : 'Error', startedAt, finishedAt: startedAt + afterMs };
  }

  #waiting(name: string, waiting: { readonly reason: string } | undefined): ContainerState {
    const scripted = this.#context.scriptOf(name).waiting;
    if (scripted !== undefined)
      return { type: 'waiting', reason: scripted.reason, ...(scripted.message !== undefined && { message: scripted.message }) };
    return { type: 'waiting', reason: waiting?.reason ?? 'PodInitializing' };
  }

  #stepResult(stepName: string, result: string): string | undefined {
    const settled = this.#settled[this.#plan.steps.findIndex((step) => step.name === stepName)];
    const results = settled?.verdict.readsResults ? (settled.script.stepResults ?? {}) : {};
    return Object.hasOwn(results, result) ? results[result] : undefined;
  }
}

function endOf(script: StepScript): StepEnd {
  if (script.notRunnable !== undefined) return { type: 'not-runnable', message: script.notRunnable };
  if (script.outOfMemory) return { type: 'exited', exitCode: LOST_EXIT_CODE, outOfMemory: true };
  return { type: 'exited', exitCode: script.exitCode ?? 0 };
}
