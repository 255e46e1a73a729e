import { rmSync, writeFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ExecOptions, ExecSession, TakeOutput } from '../../ports/runtime.ts';
import type { PodObservation } from '../../tasks/pod-observation.ts';
import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { nextStep } from '../../tasks/step-protocol.ts';
import { type StepVerdict, skippedAfterFailure, stepVerdict } from '../../tasks/step-verdict.ts';
import { absentAsUndefined } from './confined-path.ts';
import type { ContainerRun } from './container-run.ts';
import { ContainerConfigError } from './environment.ts';
import { readJson, writeAtomically, writeDurably } from './files.ts';
import type { HostPathPolicy } from './host-path.ts';
import type { ImageMap } from './image-map.ts';
import type { Isolation } from './isolation.ts';
import type { Launcher } from './launcher.ts';
import { observe, type PodFacts } from './observe-pod.ts';
import type { AcceptedPod } from './plan-file.ts';
import { PodContainers } from './pod-containers.ts';
import type { PodPaths } from './pod-paths.ts';
import { resolvePod } from './resolve-containers.ts';
import { lostStep, type SettledStep, settledWithout, settleStep } from './settled-step.ts';
import { Sidecars } from './sidecars.ts';
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
  readonly #settled: SettledStep[] = [];
  readonly #sidecars: Sidecars;
  readonly #accepted: AcceptedPod;
  #current: ContainerRun | undefined;
  #startedAt: number | undefined;
  /** Resolves when it is on the disk that steps may have run. */
  #marked: Promise<void> = Promise.resolve();
  #endedAs: PodFacts['ended'];
  /** Set while nothing drives the pod. */
  #idle = true;
  #recovering = false;
  #rebooted = false;
  #stopped = false;
  #closed = false;
  /** The first step waits for sidecars. */
  #waits = false;
  /** Resolves when there is nothing to wait for any more: the pod is to stop, or somebody else carries on. */
  readonly #released: Promise<void>;
  #release: () => void = () => undefined;
  #finish: () => void = () => undefined;

  constructor(context: PodRunContext, accepted: AcceptedPod, paths: PodPaths, entry: string) {
    this.#context = context;
    this.#accepted = accepted;
    this.uid = accepted.plan.uid;
    this.paths = paths;
    this.#entry = entry;
    const resolved = resolvePod(accepted.plan, accepted.materials, context.imageMap, context.hostPaths);
    this.#plan = resolved.plan;
    this.#containers = new PodContainers(context, resolved, paths);
    this.#sidecars = new Sidecars({
      clock: context.clock,
      runBeside: (sidecar, command, timeoutMs) => this.#containers.runBeside(sidecar, command, timeoutMs),
      onChange: () => this.#changed(),
      inBackground: (work) => this.#inBackground(work),
    });
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
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
    const { slots, isolation } = this.#context;
    const waitsForSlot = this.#startedAt === undefined && this.#containers.problems.size === 0 && this.#idle;
    return observe({
      plan: this.#plan,
      settled: this.#settled,
      runningSince: this.#current?.startedAt,
      sidecars: this.#sidecars.states(),
      waitsFor: this.#waits ? this.#sidecars.waitsFor() : undefined,
      problems: this.#containers.problems,
      startedAt: this.#startedAt,
      ended: this.#endedAs,
      waiting: waitsForSlot
        ? { reason: 'WaitingForSlot', message: `${slots.limit} pods run, which is the limit (maxPods); this one waits for its turn` }
        : undefined,
      ranBy: isolation.name,
    });
  }

  /** Resolves when a container has ended or never will start. `undefined` for a container the plan lacks. */
  hasEnded(container: string): boolean | undefined {
    if (this.#endedAs !== undefined) return true;
    const index = this.#plan.steps.findIndex((step) => step.container === container);
    if (index >= 0) return index < this.#settled.length;
    if (!this.#plan.sidecars.some((sidecar) => sidecar.container === container)) return undefined;
    return this.#sidecars.hasEnded(container);
  }

  /** `undefined`: that container does not run. */
  async exec(container: string, options: ExecOptions, output: TakeOutput): Promise<ExecSession | undefined> {
    const step = this.#plan.steps[this.#settled.length];
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
      this.#release();
      if (isFirst) {
        await writeFile(this.paths.stop, String(graceMs), { mode: 0o600 }).catch((error: unknown) => {
          this.#context.logger.warn('that a pod is to stop could not be written down', { pod: this.uid, error });
        });
      }
      if (this.#idle) {
        this.#idle = false;
        this.#context.slots.leave(this.uid);
        await this.#end();
      } else if (isFirst) await this.#current?.stop('Cancelled', graceMs);
      else if (graceMs === 0) await this.#current?.kill();
    }
    await this.ended;
  }

  /** Lets go: what runs, runs on. */
  close(): void {
    this.#closed = true;
    this.#current?.abandon();
    this.#sidecars.abandon();
    this.#release();
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
      const index = this.#settled.length;
      const known = this.#recovering ? this.#settledBefore(index) : undefined;
      if (known !== undefined) {
        this.#settled.push(known);
        continue;
      }
      if (this.#stopped) {
        await this.#stopLeftover(index);
        break;
      }
      const next = nextStep(this.#plan, this.#verdicts(), {
        result: (step, result) => this.#stepResult(step, result),
        artifacts: (step) => this.#settledOf(step)?.artifacts,
      });
      if (next.type === 'done') break;
      if (next.type === 'settle') this.#settle(index, settledWithout(next.verdict, this.#context.clock.now()));
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
    if (this.#plan.sidecars.length === 0 || this.#plan.awaitSidecars === false || (this.#recovering && (await this.#hasBegunSteps())))
      return;
    this.#waits = true;
    await this.#sidecars.ready(this.#released);
    this.#waits = false;
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
    this.#settle(index, settleStep(step, index, await run.ended, this.#plan.results, this.paths));
  }

  async #runStep(index: number, step: PlannedStep, warning: string | undefined): Promise<void> {
    const { clock } = this.#context;
    const run = await this.#start(step, warning);
    if (run === undefined) {
      if (!this.#stopped && !this.#closed) this.#settle(index, lostStep(step, index, clock.now(), this.paths));
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
    const settled = settleStep(step, index, end, this.#plan.results, this.paths);
    this.#current = undefined;
    this.#settle(index, settled);
  }

  /** A step that has started found every sidecar ready, whatever has become of them since. */
  async #hasBegunSteps(): Promise<boolean> {
    const [first] = this.#plan.steps;
    if (first === undefined || this.#settledBefore(0) !== undefined) return true;
    return (await stat(this.#containers.paths(first).started).catch(absentAsUndefined)) !== undefined;
  }

  #settle(index: number, settled: SettledStep): void {
    this.#settled.push(settled);
    const step = this.#plan.steps[index];
    if (step === undefined) return;
    const { exitCodeFile } = settled.verdict;
    // Before the next step starts; what is not followed by one is in the last observation, or is found out again.
    const isLast = index + 1 === this.#plan.steps.length;
    if (exitCodeFile !== undefined) writeFileSync(join(this.paths.tekton, `run/${index}/status/exitCode`), exitCodeFile);
    if (!isLast) writeAtomically(this.#containers.paths(step).settled, JSON.stringify(settled));
    this.#changed();
  }

  #settledBefore(index: number): SettledStep | undefined {
    const step = this.#plan.steps[index];
    return step && readJson<SettledStep>(this.#containers.paths(step).settled);
  }

  async #fail(message: string): Promise<void> {
    const { clock } = this.#context;
    await this.#current?.stop('Cancelled', 0);
    this.#current = undefined;
    this.#cover((isFirst) => (isFirst ? stepVerdict({ onError: 'stopAndFail' }, { type: 'not-runnable', message }) : skippedAfterFailure));
    this.#endedAs = { phase: 'Failed', at: clock.now(), reason: 'RuntimeError', message };
    await this.#end();
  }

  async #end(): Promise<void> {
    const { clock, slots, trash } = this.#context;
    await this.#sidecars.stop();
    if (this.#stopped) this.#cover(() => stepVerdict({ onError: 'stopAndFail' }, { type: 'cancelled' }));
    const cancelled = this.#settled.some((step) => step.verdict.terminationReason === 'Cancelled');
    const lostAt = this.#settled.findIndex((step) => step.lost !== undefined);
    const failed = this.#settled.some((step) => step.verdict.stopsPod);
    this.#endedAs ??= {
      phase: failed ? 'Failed' : 'Succeeded',
      at: clock.now(),
      ...(cancelled && { reason: 'Cancelled' }),
      ...(lostAt >= 0 && {
        reason: 'Lost',
        message: `step ${JSON.stringify(this.#plan.steps[lostAt]?.name)}: ${this.#settled[lostAt]?.lost}`,
      }),
    };
    slots.leave(this.uid);
    await this.#writeEnd();
    this.#changed();
    this.#finish();
    const { plan, workspace, tekton, volumes, credentials } = this.paths;
    for (const path of [plan, workspace, tekton, volumes, credentials]) trash.take(path);
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

  /** Gives a verdict to every step that has none. */
  #cover(verdictFor: (isFirst: boolean) => StepVerdict): void {
    const now = this.#context.clock.now();
    const missing = this.#plan.steps.length - this.#settled.length;
    for (let i = 0; i < missing; i++) this.#settled.push(settledWithout(verdictFor(i === 0), now));
  }

  #stepResult(stepName: string, result: string): string | undefined {
    const results = this.#settledOf(stepName)?.results ?? {};
    return Object.hasOwn(results, result) ? results[result] : undefined;
  }

  #settledOf(stepName: string): SettledStep | undefined {
    return this.#settled[this.#plan.steps.findIndex((step) => step.name === stepName)];
  }

  #verdicts(): readonly StepVerdict[] {
    return this.#settled.map((step) => step.verdict);
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#context.logger.error('a container could not be watched or stopped', { pod: this.uid, error }));
  }

  #changed(): void {
    if (!this.#closed) this.#context.onChange(this.uid);
  }
}
