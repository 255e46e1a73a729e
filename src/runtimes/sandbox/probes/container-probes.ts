import type { Clock } from '../../../ports/clock.ts';
import type { PlannedProbe, PlannedSidecar, ProbeCheck } from '../../../tasks/pod-plan.ts';
import { type CheckResult, type RunCommand, runCheck } from './run-check.ts';

export interface ProbedContainer {
  readonly startedAt: number;
  readonly clock: Clock;
  readonly runCommand: RunCommand;
  /** Readiness or its reason is another than it was. */
  onChange(): void;
  /** A probe that must hold does not: the container is to be killed. */
  onFailure(message: string): void;
}

type Kind = 'startup' | 'readiness' | 'liveness';

/** Until a container is ready for the first time it is asked at least so often: everything waits for it. */
const EAGER_MS = 1_000;
/** A hook has no time limit of its own in Kubernetes; one that hangs is as good as failed. */
const HOOK_LIMIT_MS = 60_000;

/**
 * What is asked of one container once it runs, as the kubelet does it: its postStart hook, then the startup probe until it holds, then readiness and
 * liveness side by side. A container without a readiness probe is ready as soon as it has started up.
 */
export class ContainerProbes {
  readonly #container: ProbedContainer;
  readonly #sidecar: PlannedSidecar;
  readonly #timers = new Map<Kind, () => void>();
  #ready = false;
  #why = 'not asked yet';
  #closed = false;

  /** `undefined`: nothing to ask. */
  static for(sidecar: PlannedSidecar, container: ProbedContainer): ContainerProbes | undefined {
    const { postStart, startupProbe, readinessProbe, livenessProbe } = sidecar;
    const asked = [postStart, startupProbe, readinessProbe, livenessProbe].some((what) => what !== undefined);
    return asked ? new ContainerProbes(sidecar, container) : undefined;
  }

  private constructor(sidecar: PlannedSidecar, container: ProbedContainer) {
    this.#sidecar = sidecar;
    this.#container = container;
    void this.#begin();
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** What keeps it from being ready, as far as the last answer tells. */
  get why(): string {
    return this.#why;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  async #begin(): Promise<void> {
    const { postStart, startupProbe, readinessProbe, livenessProbe } = this.#sidecar;
    if (postStart !== undefined && !(await this.#runPostStart(postStart))) return;
    if (startupProbe !== undefined) await new Promise<void>((resolve) => this.#ask('startup', startupProbe, resolve));
    if (this.#closed) return;
    if (readinessProbe === undefined) this.#setReady(true, '');
    else this.#ask('readiness', readinessProbe);
    if (livenessProbe !== undefined) this.#ask('liveness', livenessProbe);
  }

  async #runPostStart(hook: ProbeCheck): Promise<boolean> {
    this.#setReady(false, 'its postStart hook runs');
    const { holds, message } = await runCheck(hook, HOOK_LIMIT_MS, this.#container.runCommand);
    if (!holds && !this.#closed) this.#fail(`PostStartHookError: ${message}`);
    return holds && !this.#closed;
  }

  #ask(kind: Kind, probe: PlannedProbe, onSuccess: () => void = () => undefined): void {
    const { clock, startedAt, runCommand } = this.#container;
    let [successes, failures] = [0, 0];
    let everReady = false;
    const again = (at: number): void => {
      const ask = (): void => void runCheck(probe.check, probe.timeoutMs, runCommand).then((result) => take(result, clock.now()));
      if (!this.#closed) this.#timers.set(kind, clock.at(Math.max(at, clock.now()), ask));
    };
    const take = ({ holds, message }: CheckResult, now: number): void => {
      if (this.#closed) return;
      [successes, failures] = holds ? [successes + 1, 0] : [0, failures + 1];
      if (!holds && kind !== 'liveness') this.#setReady(this.#ready && failures < probe.failureThreshold, `${kind} probe: ${message}`);
      if (kind === 'readiness' && successes >= probe.successThreshold) {
        everReady = true;
        this.#setReady(true, '');
      }
      if (kind === 'startup' && successes >= probe.successThreshold) onSuccess();
      else if (kind !== 'readiness' && failures >= probe.failureThreshold) this.#fail(`failed ${kind} probe, will be killed: ${message}`);
      else again(now + (kind === 'readiness' && !everReady ? Math.min(probe.periodMs, EAGER_MS) : probe.periodMs));
    };
    again(startedAt + probe.initialDelayMs);
  }

  #fail(message: string): void {
    this.close();
    this.#container.onFailure(`Container ${this.#sidecar.container} ${message}`);
  }

  #setReady(ready: boolean, why: string): void {
    if (this.#ready === ready && this.#why === why) return;
    this.#ready = ready;
    this.#why = why;
    this.#container.onChange();
  }
}
