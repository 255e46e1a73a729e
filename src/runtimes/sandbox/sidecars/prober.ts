import type { Clock } from '../../../ports/clock.ts';
import type { PlannedProbe, PlannedSidecar } from '../../../tasks/pod-plan.ts';
import type { CheckOutcome } from './run-check.ts';
import { type ProbeListener, watchProbe } from './watch-probe.ts';

export interface ProberOptions {
  readonly sidecar: PlannedSidecar;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly ask: (probe: PlannedProbe) => Promise<CheckOutcome>;
  readonly onChange: () => void;
  /** A probe says that the container must end. */
  readonly onUnhealthy: (why: string, probe: PlannedProbe) => void;
}

/** What a sidecar's probes say of it, from their start to its end. Without probes it is ready at once. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #watches: (() => void)[] = [];
  #started: boolean;
  #ready = false;
  #doubt: string | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#started = options.sidecar.startupProbe === undefined;
    if (this.#started) this.#whenStarted();
    else this.#watchStartup(options.sidecar.startupProbe);
  }

  get started(): boolean {
    return this.#started;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** What its being ready still needs. */
  get waitsFor(): string | undefined {
    if (this.#ready) return undefined;
    return `its ${this.#started ? 'readinessProbe' : 'startupProbe'} has not passed${this.#doubt === undefined ? ' yet' : `: ${this.#doubt}`}`;
  }

  close(): void {
    for (const end of this.#watches.splice(0)) end();
  }

  #watchStartup(probe: PlannedProbe | undefined): void {
    this.#watch(probe, true, {
      passed: () => {
        this.close();
        this.#doubt = undefined;
        this.#started = true;
        this.#whenStarted();
        this.#options.onChange();
      },
      failed: (why) => this.#unhealthy('startupProbe', why, probe),
      doubted: (why) => this.#doubted(why),
    });
  }

  #whenStarted(): void {
    const { readinessProbe, livenessProbe } = this.#options.sidecar;
    this.#ready = readinessProbe === undefined;
    this.#watch(readinessProbe, true, {
      passed: () => this.#turn(true, undefined),
      failed: (why) => this.#turn(false, why),
      doubted: (why) => this.#doubted(why),
    });
    this.#watch(livenessProbe, false, {
      passed: () => undefined,
      failed: (why) => this.#unhealthy('livenessProbe', why, livenessProbe),
      doubted: () => undefined,
    });
  }

  #watch(probe: PlannedProbe | undefined, eager: boolean, listener: ProbeListener): void {
    if (probe === undefined) return;
    const { startedAt, clock, ask } = this.#options;
    this.#watches.push(watchProbe({ probe, eager, startedAt, clock, ask: () => ask(probe) }, listener));
  }

  #unhealthy(name: string, why: string, probe: PlannedProbe | undefined): void {
    if (probe === undefined) return;
    this.close();
    this.#options.onUnhealthy(
      `${name} failed ${probe.failureThreshold} ${probe.failureThreshold === 1 ? 'time' : 'times in a row'}: ${why}`,
      probe,
    );
  }

  #turn(ready: boolean, doubt: string | undefined): void {
    if (this.#ready === ready && this.#doubt === doubt) return;
    this.#ready = ready;
    this.#doubt = doubt;
    this.#options.onChange();
  }

  /** Of no consequence while it is ready. */
  #doubted(why: string): void {
    if (!this.#ready) this.#turn(false, why);
  }
}
