import { rmSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ExecOptions, ExecSession, TakeOutput } from '../../ports/runtime.ts';
import type { PodObservation } from '../../tasks/pod-observation.ts';
import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { nextStep } from '../../tasks/step-protocol.ts';
import { skippedAfterFailure, stepVerdict } from '../../tasks/step-verdict.ts';
import type { ContainerRun } from './container-run.ts';
import { Breakpoints } from './debug/breakpoints.ts';
import { ContainerConfigError } from './environment.ts';
import { readIfPresent, writeAtomically, writeDurably } from './files.ts';
import type { HostPathPolicy } from './host-path.ts';
import type { ImageMap } from './image-map.ts';
import type { Isolation } from './isolation.ts';
import type { Launcher } from './launcher.ts';
import type { Cgroups } from './limits/cgroups.ts';
import { observe, type PodFacts } from './observe-pod.ts';
import type { AcceptedPod } from './plan-file.ts';
import { PodContainers } from './pod-containers.ts';
import type { PodPaths } from './pod-paths.ts';
import { resolvePod } from './resolve-containers.ts';
import { lostStep, type SettledStep, settledWithout, settleStep } from './settled-step.ts';
import { SettledSteps } from './settled-steps.ts';
import { PodSidecars } from './sidecars/pod-sidecars.ts';
import type { Slots } from './slots.ts';
import type { Trash } from './trash.ts';
import { untilDone } from './until-done.ts';

export interface PodRunContext {
  readonly podsDir: string;
  readonly claimsDir: string;
  readonly imageMap: ImageMap;
  readonly hostPaths: HostPathPolicy;
  readonly isolation: Isolation;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly launcher: Launcher;
  readonly trash: Trash;
  /** Absent: this machine cannot hold containers to limits. */
  readonly cgroups: Cgroups | undefined;
  /** Tells this boot of the machine from every other. */
  readonly bootId: string;
  onChange(uid: string): void;
}

/** How long a step that timed out may still clean up; upstream gives it nothing. */
const TIMEOUT_GRACE_MS = 2_000;

/**
 * One pod from its acceptance to its end. Everything it decides is on disk before it acts on it, so that another server can carry on at any
 * point: a step is settled (`settled.json`), or started (the wrapper's claim), or may be started.
 */
export class PodRun {
  readonly uid: string;
  /** Resolves when nothing of the pod runs and its last observation is on disk. */
  readonly ended: Promise<void>;
  readonly paths: PodPaths;
  readonly #context: PodRunContext;
  readonly #plan: PodPlan;
  readonly #containers: PodContainers;
  /** Its entry in the list of pods that have not ended. */
  readonly #entry: string;
  readonly #settled: SettledSteps;
  readonly #sidecars: PodSidecars;
  readonly #breakpoints: Breakpoints;
  /** Ends what waits when the pod is to stop, or the server. */
  readonly #interrupted = new AbortController();
  readonly #accepted: AcceptedPod;
  #current: ContainerRun | undefined;
  #startedAt: number | undefined;
  /** Resolves when it is on the disk that steps may have run. */
  #marked: Promise<void> = Promise.resolve();
  #endedAs: PodFacts['ended'];
  /** Set while the first step waits for sidecars. */
  #holdsBack = false;
  /** What whoever stops the pod grants. */
  #graceMs: number | undefined;
  /** Set while nothing drives the pod. */
  #idle = true;
  #recovering = false;
  #rebooted = false;
  #stopped = false;
  #closed = false;
  #finish: () => void = () => undefined;

  constructor(context: PodRunContext, accepted: AcceptedPod, paths: PodPaths, entry: string) {
    this.#context = context;
    this.#accepted = accepted;
    this.uid = accepted.plan.uid;
    this.paths = paths;
    this.#entry = entry;
    const resolved = resolvePod(accepted.plan, accepted.materials, context);
    this.#plan = resolved.plan;
    this.#containers = new PodContainers(context, resolved, paths);
    this.#settled = new SettledSteps(resolved.plan, paths);
    const { clock, logger } = context;
    const sidecars = { podUid: this.uid, containers: this.#containers, clock, logger, onChange: () => this.#changed() };
    this.#sidecars = new PodSidecars(sidecars);
    this.#breakpoints = new Breakpoints({ paths, clock, interrupted: this.#interrupted.signal, onChange: () => this.#changed() });
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  mountsClaim(namespace: string, claimName: string): boolean {
    const { plan } = this.#accepted;
    return (
      plan.namespace === namespace &&
      plan.volumes.some((volume) => volume.type === 'persistentVolumeClaim' && volume.claimName === claimName)
    );
  }

  /** For a pod none of whose steps has been started: waits for its turn. */
  admit(): void {
    if (this.#containers.problems.size === 0) this.#context.slots.enter(this.uid, () => this.#drive());
  }

  /** For a pod an earlier server has begun. */
  async resume(): Promise<void> {
    this.#recovering = true;
    this.#startedAt = Math.floor((await stat(this.paths.begun)).mtimeMs);
    this.#rebooted = (await readFile(this.paths.begun, 'utf8')) !== this.#context.bootId;
    this.#context.slots.occupy(this.uid);
    this.#drive();
  }

  observe(): PodObservation {
    const { isolation } = this.#context;
    return observe({
      plan: this.#plan,
      settled: this.#settled.all,
      runningSince: this.#current?.startedAt ?? this.#breakpoints.waiting?.since,
      sidecars: this.#sidecars.facts(),
      problems: this.#containers.problems,
      startedAt: this.#startedAt,
      ended: this.#endedAs,
      waiting: this.#waiting(),
      ranBy: isolation.name,
    });
  }

  #waiting(): PodFacts['waiting'] {
    if (this.#startedAt === undefined && this.#containers.problems.size === 0 && this.#idle) {
      const { limit } = this.#context.slots;
      return { reason: 'WaitingForSlot', message: `${limit} pods run, which is the limit (maxPods); this one waits for its turn` };
    }
    const { waiting } = this.#breakpoints;
    if (waiting !== undefined) return { reason: 'Breakpoint', message: waiting.message };
    const message = this.#holdsBack ? this.#sidecars.waitsFor : undefined;
    return message === undefined ? undefined : { reason: 'WaitingForSidecars', message };
  }

  /** Resolves when a container has ended or never will start. `undefined` for a container the plan lacks. */
  hasEnded(container: string): boolean | undefined {
    if (this.#endedAs !== undefined) return true;
    const index = this.#plan.steps.findIndex((step) => step.container === container);
    if (index >= 0) return index < this.#settled.count;
    if (!this.#plan.sidecars.some((sidecar) => sidecar.container === container)) return undefined;
    return this.#sidecars.hasEnded(container);
  }

  /** `undefined`: that container does not run. */
  async exec(container: string, options: ExecOptions, output: TakeOutput): Promise<ExecSession | undefined> {
    const step = this.#plan.steps[this.#settled.count];
    const planned = step?.container === container ? step : this.#plan.sidecars.find((sidecar) => sidecar.container === container);
    const run = planned === step ? this.#current : this.#sidecars.running(container);
    if (planned === undefined || run === undefined) return undefined;
    const session = await this.#containers.exec(planned, options, output);
    this.#inBackground(run.ended.then(() => session.kill()));
    return session;
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#closed) throw new Error(`pod ${this.uid} cannot be stopped: its runtime is closed`);
    if (this.#endedAs === undefined) {
      const isFirst = !this.#stopped;
      this.#stopped = true;
      this.#graceMs = Math.min(graceMs, this.#graceMs ?? graceMs);
      if (isFirst) {
        await writeFile(this.paths.stop, String(graceMs), { mode: 0o600 }).catch((error: unknown) => {
          this.#context.logger.warn('that a pod is to stop could not be written down', { pod: this.uid, error });
        });
      }
      this.#interrupted.abort();
      if (this.#idle) {
        this.#idle = false;
        this.#context.slots.leave(this.uid);
        await this.#end();
      } else if (isFirst) await this.#current?.stop('Cancelled', graceMs);
      else if (graceMs === 0) await Promise.all([this.#current?.kill(), this.#sidecars.kill()]);
    }
    await this.ended;
  }

  /** Lets go: what runs, runs on. */
  close(): void {
    this.#closed = true;
    this.#interrupted.abort();
    this.#current?.abandon();
    this.#sidecars.close();
  }

  #drive(): void {
    if (this.#closed) return;
    this.#idle = false;
    void this.#run().catch((error: unknown) => {
      if (this.#closed) return;
      if (error instanceof ContainerConfigError) {
        // As in a cluster, the container waits with the reason until somebody stops the pod.
        this.#idle = true;
        if (this.#stopped) this.#inBackground(this.stop(0));
        this.#changed();
        return;
      }
      this.#context.logger.error('a pod could not be run', { pod: this.uid, error });
      this.#inBackground(this.#fail(error instanceof Error ? error.message : String(error)));
    });
  }

  async #run(): Promise<void> {
    await this.#begin();
    while (!this.#closed) {
      if (this.#recovering && this.#settled.recall()) continue;
      if (this.#stopped) {
        await this.#stopLeftover(this.#settled.count);
        break;
      }
      const next = nextStep(this.#plan, this.#settled.verdicts, this.#settled);
      if (next.type === 'done') break;
      if (next.type === 'settle') this.#settle(settledWithout(next.verdict, this.#context.clock.now()));
      else await this.#runStep(next.index, next.step, next.warning);
    }
    if (!this.#closed) await this.#end();
  }

  async #begin(): Promise<void> {
    const { clock, bootId, podsDir } = this.#context;
    await (this.#recovering ? this.#containers.find() : this.#containers.create(this.#accepted.materials));
    this.#startedAt ??= clock.now();
    if (!this.#recovering) {
      // Waited for before anything is started; until then the first container is prepared.
      this.#marked = writeDurably(this.paths.begun, bootId, [this.paths.root, podsDir]);
      this.#marked.catch(() => undefined);
    }
    for (const sidecar of this.#plan.sidecars) {
      const run = await this.#start(sidecar);
      if (run !== undefined) this.#sidecars.add(sidecar, run);
    }
    if (!(await this.#stepsHaveBegun())) await this.#holdBack();
  }

  async #stepsHaveBegun(): Promise<boolean> {
    const [first] = this.#plan.steps;
    if (!this.#recovering || first === undefined) return false;
    const { started, settled } = this.#containers.paths(first);
    return readIfPresent(started) !== undefined || readIfPresent(settled) !== undefined;
  }

  /** Until sidecars are ready, or where nothing tells, have had a moment. */
  async #holdBack(): Promise<void> {
    this.#holdsBack = this.#plan.ignoresReadiness !== true;
    this.#changed();
    await Promise.all([
      this.#recovering ? undefined : this.#sidecars.headStart(),
      this.#holdsBack ? this.#sidecars.untilReady(this.#interrupted.signal) : undefined,
    ]);
    this.#holdsBack = false;
  }

  /** `undefined`: the pod is to stop, or the machine has been restarted since the container may have been started. */
  async #start(container: PlannedStep | PlannedSidecar, warning?: string): Promise<ContainerRun | undefined> {
    const adopted = this.#recovering ? await this.#containers.adopt(container) : undefined;
    if (adopted !== undefined || this.#rebooted) return adopted;
    const mayStart = async (): Promise<boolean> => {
      await this.#marked;
      return !this.#stopped && !this.#closed;
    };
    return this.#containers.launch(container, mayStart, warning);
  }

  /** A pod that was to stop when its server died may still have a step running. */
  async #stopLeftover(index: number): Promise<void> {
    const step = this.#plan.steps[index];
    const run = this.#recovering && step !== undefined ? await this.#containers.adopt(step) : undefined;
    if (run === undefined || step === undefined) return;
    await run.stop('Cancelled', 0);
    this.#settle(settleStep(step, index, await run.ended, this.#plan.results, this.paths));
  }

  async #runStep(index: number, step: PlannedStep, warning: string | undefined): Promise<void> {
    const { clock } = this.#context;
    if (step.pausesBefore) {
      const mayRun = await this.#breakpoints.mayRun(index, step);
      if (this.#stopped || this.#closed) return;
      if (mayRun === false) return this.#settle(settledWithout(stepVerdict(step, { type: 'debugged', exitCode: 1 }), clock.now()));
    }
    const run = await this.#start(step, warning);
    if (run === undefined) {
      if (!this.#stopped && !this.#closed) this.#settle(lostStep(step, index, clock.now(), this.paths));
      return;
    }
    this.#current = run;
    this.#changed();
    const takeBack =
      step.timeoutMs === undefined
        ? undefined
        : clock.at(run.startedAt + step.timeoutMs, () => this.#inBackground(run.stop('TimeoutExceeded', TIMEOUT_GRACE_MS)));
    if (this.#stopped) this.#inBackground(run.stop('Cancelled', 0));
    const end = await run.ended;
    takeBack?.();
    if (this.#closed) return;
    const final = step.pausesOnFailure ? await this.#breakpoints.after(index, step, end) : end;
    if (this.#closed) return;
    const settled = settleStep(step, index, final, this.#plan.results, this.paths);
    this.#current = undefined;
    this.#settle(settled);
  }

  #settle(settled: SettledStep): void {
    this.#settled.add(settled);
    this.#changed();
  }

  async #fail(message: string): Promise<void> {
    const { clock } = this.#context;
    await this.#current?.stop('Cancelled', 0);
    this.#current = undefined;
    this.#settled.cover(clock.now(), (isFirst) =>
      isFirst ? stepVerdict({ onError: 'stopAndFail' }, { type: 'not-runnable', message }) : skippedAfterFailure,
    );
    this.#endedAs = { phase: 'Failed', at: clock.now(), reason: 'RuntimeError', message };
    await this.#end();
  }

  async #end(): Promise<void> {
    const { clock, slots, trash } = this.#context;
    await this.#sidecars.stop(this.#graceMs);
    if (this.#stopped) this.#settled.cover(clock.now(), () => stepVerdict({ onError: 'stopAndFail' }, { type: 'cancelled' }));
    const cancelled = this.#settled.all.some((step) => step.verdict.terminationReason === 'Cancelled');
    const lostAt = this.#settled.all.findIndex((step) => step.lost !== undefined);
    const failed = this.#settled.all.some((step) => step.verdict.stopsPod);
    this.#endedAs ??= {
      phase: failed ? 'Failed' : 'Succeeded',
      at: clock.now(),
      ...(cancelled && { reason: 'Cancelled' }),
      ...(lostAt >= 0 && {
        reason: 'Lost',
        message: `step ${JSON.stringify(this.#plan.steps[lostAt]?.name)}: ${this.#settled.all[lostAt]?.lost}`,
      }),
    };
    slots.leave(this.uid);
    await this.#writeEnd();
    this.#changed();
    this.#finish();
    const { plan, workspace, tekton, volumes, credentials, roots } = this.paths;
    for (const path of [plan, workspace, tekton, volumes, credentials, roots]) trash.take(path);
  }

  /** Until it is on the disk, this run has to stay: without it the pod would count as never started. */
  #writeEnd(): Promise<void> {
    const write = (): void => {
      writeAtomically(this.paths.ended, JSON.stringify(this.observe()));
      rmSync(this.#entry, { force: true });
    };
    return untilDone(write, {
      isOver: () => this.#closed,
      onFirstFailure: (error) => {
        this.#context.logger.error('the end of a pod could not be written down; trying again', { pod: this.uid, error });
        this.#changed();
      },
    });
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#context.logger.error('a container could not be watched or stopped', { pod: this.uid, error }));
  }

  #changed(): void {
    if (!this.#closed) this.#context.onChange(this.uid);
  }
}
