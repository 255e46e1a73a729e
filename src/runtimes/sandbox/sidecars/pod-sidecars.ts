import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { ContainerState } from '../../../tasks/pod-observation.ts';
import type { PlannedHook, PlannedProbe, PlannedSidecar } from '../../../tasks/pod-plan.ts';
import { absentAsUndefined } from '../confined-path.ts';
import type { ContainerEnd, ContainerRun } from '../container-run.ts';
import type { PodContainers } from '../pod-containers.ts';
import { exec } from './exec.ts';
import { giveHeadStart } from './head-start.ts';
import { Prober } from './prober.ts';
import { type CheckOutcome, runCheck } from './run-check.ts';
import { withTimeLimit } from './time-limit.ts';

export interface PodSidecarsOptions {
  readonly podUid: string;
  readonly containers: PodContainers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** What is known of one sidecar. */
export interface SidecarFacts {
  readonly state: ContainerState;
  /** Present where it has probes or a postStart hook. */
  readonly health?: { readonly ready: boolean; readonly started: boolean } | undefined;
}

interface Entry {
  readonly sidecar: PlannedSidecar;
  readonly run: ContainerRun;
  state: ContainerState;
  /** Absent until its postStart hook is done. */
  prober?: Prober | undefined;
  /** What its preStop hook leaves of the grace time; there once it has been run. */
  preStopped?: Promise<number> | undefined;
}

/** A cluster's default. Locally people wait for it, so what has no say in how it ends gets less. */
const POD_GRACE_MS = 30_000;
const PLAIN_GRACE_MS = 1_000;
/** What TERM gets in any case when a preStop hook has used up the grace time, as the kubelet has it. */
const LEAST_GRACE_MS = 2_000;
/** There: its postStart hook has passed. Without it a later server runs the hook again: at least once is what Kubernetes promises. */
const POST_STARTED = 'post-started';

/** The sidecars of one pod: whether they are ready, and how they end. */
export class PodSidecars {
  readonly #options: PodSidecarsOptions;
  readonly #entries = new Map<string, Entry>();
  /** Who waits for all to be ready. */
  #waiters: (() => void)[] = [];
  #closed = false;

  constructor(options: PodSidecarsOptions) {
    this.#options = options;
  }

  /** `run`: launched or adopted. */
  add(sidecar: PlannedSidecar, run: ContainerRun): void {
    const entry: Entry = { sidecar, run, state: { type: 'running', startedAt: run.startedAt } };
    this.#entries.set(sidecar.container, entry);
    this.#inBackground(run.ended.then((end) => this.#ended(entry, end)));
    if (hasHealth(sidecar)) this.#inBackground(this.#watch(entry));
  }

  /** Gives those that have no probes a head start. */
  async headStart(): Promise<void> {
    const plain = [...this.#entries.values()].filter(({ sidecar }) => !hasHealth(sidecar));
    await Promise.all(plain.map(({ run }) => giveHeadStart(run, this.#options.clock)));
  }

  /** Resolves when every one is ready or has ended. Upstream, too, lets the steps go when a sidecar has ended before it was ready. */
  async untilReady(interrupted: AbortSignal): Promise<void> {
    while (this.waitsFor !== undefined && !interrupted.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
        interrupted.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** What the first step waits for, for people. */
  get waitsFor(): string | undefined {
    for (const { sidecar, prober, state } of this.#entries.values()) {
      if (state.type === 'terminated' || !hasHealth(sidecar) || prober?.ready) continue;
      const begins = sidecar.postStart === undefined ? 'it is being started' : 'its postStart hook is not done yet';
      return `the first step waits for sidecar ${JSON.stringify(sidecar.name)}: ${prober?.waitsFor ?? begins}`;
    }
    return undefined;
  }

  facts(): ReadonlyMap<string, SidecarFacts> {
    return new Map(
      [...this.#entries].map(([container, { sidecar, state, prober }]) => {
        const lives = state.type === 'running' && prober !== undefined;
        const health = { ready: lives && prober.ready, started: lives && prober.started };
        return [container, { state, ...(hasHealth(sidecar) && { health }) }];
      }),
    );
  }

  /** One that has not ended. */
  running(container: string): ContainerRun | undefined {
    const found = this.#entries.get(container);
    return found?.state.type === 'running' ? found.run : undefined;
  }

  hasEnded(container: string): boolean {
    return this.#entries.get(container)?.state.type === 'terminated';
  }

  /** `graceMs`: what whoever stops the pod grants, hooks included; absent: it has come to its end. */
  async stop(graceMs = POD_GRACE_MS): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#stop(entry, graceMs)));
  }

  /** Ends at once what a running `stop` would still wait for. */
  async kill(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ run }) => run.kill()));
  }

  /** Lets go: they run on. */
  close(): void {
    this.#closed = true;
    for (const { run, prober } of this.#entries.values()) {
      prober?.close();
      run.abandon();
    }
  }

  async #watch(entry: Entry): Promise<void> {
    const { sidecar, run } = entry;
    await run.executed();
    if (!(await this.#postStart(entry)) || entry.state.type === 'terminated' || this.#closed) return;
    entry.prober = new Prober({
      sidecar,
      startedAt: run.startedAt,
      clock: this.#options.clock,
      ask: (probe) => this.#ask(sidecar, probe),
      onChange: () => this.#changed(),
      onUnhealthy: (why, { graceMs }) => this.#inBackground(this.#kill(entry, why, graceMs)),
    });
    this.#changed();
  }

  /** False when it has failed: the container is ended for it. */
  async #postStart(entry: Entry): Promise<boolean> {
    const { sidecar } = entry;
    if (sidecar.postStart === undefined) return true;
    const mark = join(this.#options.containers.paths(sidecar).dir, POST_STARTED);
    if ((await stat(mark).catch(absentAsUndefined)) !== undefined) return true;
    const over = new AbortController();
    this.#inBackground(entry.run.ended.then(() => over.abort()));
    const outcome = await this.#runHook(sidecar, sidecar.postStart, over.signal);
    if (outcome.ok) {
      await writeFile(mark, '', { mode: 0o600 });
      return true;
    }
    if (entry.state.type !== 'terminated' && !this.#closed) await this.#kill(entry, `postStart hook failed: ${outcome.message}`);
    return false;
  }

  async #ask(sidecar: PlannedSidecar, probe: PlannedProbe): Promise<CheckOutcome> {
    return withTimeLimit(this.#options.clock, probe.timeoutMs, (signal) =>
      runCheck(probe.check, async (command, over) => this.#exec(sidecar, command, over), signal),
    );
  }

  async #runHook(sidecar: PlannedSidecar, hook: PlannedHook, over: AbortSignal): Promise<CheckOutcome> {
    if (hook.type !== 'sleep') return runCheck(hook, async (command, signal) => this.#exec(sidecar, command, signal), over);
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const takeBack = clock.at(clock.now() + hook.ms, resolve);
      over.addEventListener('abort', () => {
        takeBack();
        resolve();
      });
    });
    return { ok: true };
  }

  async #exec(sidecar: PlannedSidecar, command: readonly string[], over: AbortSignal): Promise<CheckOutcome> {
    const { containers } = this.#options;
    return exec(await containers.execCommand(sidecar, command), containers.paths(sidecar).dir, over);
  }

  async #kill(entry: Entry, why: string, graceMs = POD_GRACE_MS): Promise<void> {
    await entry.run.stop('Unhealthy', await this.#preStop(entry, graceMs), why);
  }

  async #stop(entry: Entry, graceMs: number): Promise<void> {
    entry.prober?.close();
    if (entry.sidecar.preStop === undefined || graceMs === 0) return entry.run.stop('Cancelled', PLAIN_GRACE_MS);
    await entry.run.stop('Cancelled', await this.#preStop(entry, graceMs));
  }

  /** What is left of the grace time. A hook that fails keeps nothing from ending. */
  async #preStop(entry: Entry, graceMs: number): Promise<number> {
    const { preStop } = entry.sidecar;
    if (preStop === undefined || entry.state.type === 'terminated') return graceMs;
    entry.preStopped ??= this.#runPreStop(entry, preStop, graceMs);
    return entry.preStopped;
  }

  async #runPreStop({ sidecar, run }: Entry, preStop: PlannedHook, graceMs: number): Promise<number> {
    const { clock, logger, podUid } = this.#options;
    const begun = clock.now();
    const outcome = await withTimeLimit(clock, graceMs, (signal) => {
      const over = new AbortController();
      signal.addEventListener('abort', () => over.abort());
      void run.ended.then(() => over.abort());
      return this.#runHook(sidecar, preStop, over.signal);
    });
    if (!outcome.ok) logger.warn('a preStop hook failed', { pod: podUid, sidecar: sidecar.name, message: outcome.message });
    return Math.max(LEAST_GRACE_MS, graceMs - (clock.now() - begun));
  }

  #ended(entry: Entry, end: ContainerEnd): void {
    entry.prober?.close();
    entry.state = endState(end);
    this.#changed();
  }

  #changed(): void {
    if (this.#closed) return;
    for (const wake of this.#waiters.splice(0)) wake();
    this.#options.onChange();
  }

  #inBackground(work: Promise<unknown>): void {
    const { logger, podUid } = this.#options;
    work.catch((error: unknown) => logger.error('a sidecar could not be watched or stopped', { pod: podUid, error }));
  }
}

function hasHealth({ readinessProbe, startupProbe, livenessProbe, postStart }: PlannedSidecar): boolean {
  return [readinessProbe, startupProbe, livenessProbe, postStart].some((part) => part !== undefined);
}

/** One that we stopped has done what it was there for, as with upstream's nop image. */
function endState(end: ContainerEnd): ContainerState {
  const { startedAt, finishedAt } = end;
  const exitCode = end.type === 'killed' && end.reason !== 'Unhealthy' ? 0 : 'exitCode' in end ? end.exitCode : 137;
  const outOfMemory = end.type === 'exited' && end.outOfMemory;
  const reason = outOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error';
  return { type: 'terminated', exitCode, reason, ...('message' in end && { message: end.message }), startedAt, finishedAt };
}
