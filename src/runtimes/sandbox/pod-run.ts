import { mkdir, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ContainerState, PodObservation } from '../../tasks/pod-observation.ts';
import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { nextStep } from '../../tasks/step-protocol.ts';
import { type StepVerdict, skippedAfterFailure, stepVerdict } from '../../tasks/step-verdict.ts';
import { absentAsUndefined, ignoreExisting } from './confined-path.ts';
import { ContainerRun } from './container-run.ts';
import { ContainerConfigError } from './environment.ts';
import { readJson, writeAtomically, writeDurably } from './files.ts';
import type { ImageMap, ImageMapEntry } from './image-map.ts';
import type { ContainerSpec, Isolation } from './isolation.ts';
import { createPodFolders, createWorkingDir, type MountTable, mountTable } from './mounts.ts';
import { observe, type PodFacts } from './observe-pod.ts';
import type { AcceptedPod } from './plan-file.ts';
import { type ContainerPaths, containerPaths, type PodPaths } from './pod-paths.ts';
import { commandLine, resolvePod } from './resolve-containers.ts';
import { type SettledStep, settledWithout, settleStep } from './settled-step.ts';
import type { Slots } from './slots.ts';
import { createVolumes, type VolumeRoot, volumeRoots } from './volumes.ts';

export interface PodRunContext {
  readonly podsDir: string;
  readonly claimsDir: string;
  readonly imageMap: ImageMap;
  readonly isolation: Isolation;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells this boot of the machine from every other. */
  readonly bootId: string;
  onChange(uid: string): void;
}

/** How long a step that timed out may still clean up; upstream gives it nothing. */
const TIMEOUT_GRACE_MS = 2_000;
const SIDECAR_GRACE_MS = 1_000;
const WRITE_AGAIN_MS = 5_000;

type Container = PlannedStep | PlannedSidecar;

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
  readonly #images: ReadonlyMap<string, ImageMapEntry>;
  readonly #problems: Map<string, ContainerConfigError>;
  /** Its entry in the list of pods that have not ended. */
  readonly #entry: string;
  readonly #settled: SettledStep[] = [];
  readonly #sidecars = new Map<string, { readonly run?: ContainerRun; state: ContainerState }>();
  readonly #mounts = new Map<string, MountTable>();
  readonly #accepted: AcceptedPod;
  #current: ContainerRun | undefined;
  #startedAt: number | undefined;
  #endedAs: PodFacts['ended'];
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
    const resolved = resolvePod(accepted.plan, accepted.materials, context.imageMap);
    this.#plan = resolved.plan;
    this.#images = resolved.images;
    this.#problems = new Map(resolved.problems);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** For a pod none of whose steps has been started: waits for its turn. */
  admit(): void {
    if (this.#problems.size === 0) this.#context.slots.enter(this.uid, () => this.#drive());
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
    const waitsForSlot = this.#startedAt === undefined && this.#problems.size === 0 && this.#idle;
    return observe({
      plan: this.#plan,
      settled: this.#settled,
      runningSince: this.#current?.startedAt,
      sidecars: new Map([...this.#sidecars].map(([name, { state }]) => [name, state])),
      problems: this.#problems,
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
    return this.#sidecars.get(container)?.state.type === 'terminated';
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#closed) throw new Error(`pod ${this.uid} cannot be stopped: its runtime is closed`);
    if (this.#endedAs === undefined) {
      const isFirst = !this.#stopped;
      this.#stopped = true;
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
    for (const { run } of this.#sidecars.values()) run?.abandon();
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
      const known = this.#recovering ? await this.#settledBefore(index) : undefined;
      if (known !== undefined) {
        this.#settled.push(known);
        continue;
      }
      if (this.#stopped) break;
      const next = nextStep(this.#plan, this.#verdicts(), (step, result) => this.#stepResult(step, result));
      if (next.type === 'done') break;
      if (next.type === 'settle') await this.#settle(index, settledWithout(next.verdict, this.#context.clock.now()));
      else await this.#runStep(next.index, next.step, next.warning);
    }
    if (!this.#closed) await this.#end();
  }

  async #begin(): Promise<void> {
    const { clock, claimsDir, bootId, podsDir } = this.#context;
    const { steps, sidecars } = this.#plan;
    const containers: Container[] = [...steps, ...sidecars];
    if (!this.#recovering) {
      await Promise.all([createVolumes(this.#plan, this.#accepted.materials, this.paths, claimsDir), this.#createFolders(containers)]);
    }
    const volumes = volumeRoots(this.#plan, this.paths, claimsDir);
    await Promise.all(containers.map((container, index) => this.#blaming(container, () => this.#place(container, index, volumes))));
    this.#startedAt ??= clock.now();
    if (!this.#recovering) await writeDurably(this.paths.begun, bootId, [this.paths.root, podsDir]);
    for (const sidecar of sidecars) await this.#startSidecar(sidecar);
  }

  async #createFolders(containers: readonly Container[]): Promise<void> {
    const { tekton } = this.paths;
    await createPodFolders(this.paths);
    const link = (name: string, index: number): Promise<void> =>
      symlink(`../run/${index}/status`, join(tekton, 'steps', name)).catch(ignoreExisting);
    await Promise.all([
      ...containers.map((container) => mkdir(this.#paths(container).dir, { recursive: true })),
      ...this.#plan.steps.flatMap((step, index) => [
        mkdir(join(tekton, `run/${index}/status/results`), { recursive: true }),
        mkdir(join(tekton, `run/${index}/status/artifacts`), { recursive: true }),
        link(step.container, index),
        link(String(index), index),
      ]),
    ]);
  }

  /** Finds out where its mounts lie, and makes what it expects to find there. */
  async #place(container: Container, index: number, volumes: ReadonlyMap<string, VolumeRoot>): Promise<void> {
    const stepIndex = index < this.#plan.steps.length ? index : undefined;
    const mounts = await mountTable(container, stepIndex, volumes, this.paths);
    this.#mounts.set(container.container, mounts);
    if (this.#recovering) return;
    if (container.workingDir !== undefined) await createWorkingDir(mounts, this.#workingDir(container));
    if (container.script === undefined) return;
    const file = join(this.paths.tekton, 'scripts', scriptName(container));
    await writeFile(file, this.#context.isolation.script(container.script, mounts), { mode: 0o755 });
  }

  async #runStep(index: number, step: PlannedStep, warning: string | undefined): Promise<void> {
    const { clock } = this.#context;
    const run = await this.#launch(step, warning);
    if (run === undefined) {
      if (this.#stopped || this.#closed) return;
      const now = clock.now();
      return this.#settle(
        index,
        await settleStep(
          step,
          index,
          { type: 'lost', message: 'the machine was restarted while it may have run', startedAt: now, finishedAt: now },
          [],
          this.paths,
        ),
      );
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
    const settled = await settleStep(step, index, end, this.#plan.results, this.paths);
    this.#current = undefined;
    await this.#settle(index, settled);
  }

  /** `undefined`: the pod was stopped before, or the machine has been restarted since it may have been started. */
  async #launch(container: Container, warning?: string): Promise<ContainerRun | undefined> {
    const { isolation, clock } = this.#context;
    const paths = this.#paths(container);
    const settings = { paths, isolation, clock, id: `${this.uid}/${container.container}` };
    const adopted = this.#recovering ? await ContainerRun.adopt(settings) : undefined;
    if (adopted !== undefined) return adopted;
    if (this.#rebooted) return undefined;
    const command = await this.#blaming(container, () => isolation.prepare(this.#spec(container), paths));
    const warnings = [warning, unheeded(container)].filter((text) => text !== undefined);
    if (warnings.length > 0) await writeFile(paths.log, warnings.map((text) => `tappet: ${text}\n`).join(''), { flag: 'a', mode: 0o600 });
    return this.#stopped || this.#closed ? undefined : ContainerRun.launch(settings, command);
  }

  #spec(container: Container): ContainerSpec {
    const image = this.#imageOf(container);
    const ofPod = this.#plan.podTemplate?.securityContext;
    const own = container.securityContext;
    return {
      argv: commandLine(container, image, `/tekton/scripts/${scriptName(container)}`),
      env: new Map(container.env.flatMap((entry) => ('value' in entry ? [[entry.name, entry.value]] : []))),
      workingDir: this.#workingDir(container),
      mounts: this.#mounts.get(container.container) ?? [],
      image,
      runAsUser: own?.runAsUser ?? ofPod?.runAsUser,
      runAsGroup: own?.runAsGroup ?? ofPod?.runAsGroup,
      runAsNonRoot: own?.runAsNonRoot ?? ofPod?.runAsNonRoot ?? false,
      hostname: this.#plan.name.slice(0, 63).replace(/[^A-Za-z0-9]+$/, ''),
      id: `${this.uid}/${container.container}`,
    };
  }

  #workingDir(container: Container): string {
    return posix.resolve('/workspace', container.workingDir ?? this.#images.get(container.container)?.workingDir ?? '.');
  }

  #imageOf(container: Container): ImageMapEntry {
    const image = this.#images.get(container.container);
    if (image === undefined) throw this.#problems.get(container.container) ?? new Error(`no image was resolved for ${container.container}`);
    return image;
  }

  async #startSidecar(sidecar: PlannedSidecar): Promise<void> {
    const run = await this.#launch(sidecar);
    if (run === undefined) return;
    const entry: { readonly run: ContainerRun; state: ContainerState } = { run, state: { type: 'running', startedAt: run.startedAt } };
    this.#sidecars.set(sidecar.container, entry);
    this.#inBackground(
      run.ended.then((end) => {
        const { startedAt, finishedAt } = end;
        const exitCode = end.type === 'exited' ? end.exitCode : end.type === 'killed' ? 0 : 137;
        const message = 'message' in end ? { message: end.message } : {};
        entry.state = { type: 'terminated', exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...message, startedAt, finishedAt };
        this.#changed();
      }),
    );
  }

  async #settle(index: number, settled: SettledStep): Promise<void> {
    this.#settled.push(settled);
    const step = this.#plan.steps[index];
    if (step === undefined) return;
    const { exitCodeFile } = settled.verdict;
    // Before the next step starts; what is not followed by one is in the last observation, or is found out again.
    const isLast = index + 1 === this.#plan.steps.length;
    await Promise.all([
      exitCodeFile === undefined ? undefined : writeFile(join(this.paths.tekton, `run/${index}/status/exitCode`), exitCodeFile),
      isLast ? undefined : writeAtomically(this.#paths(step).settled, JSON.stringify(settled)),
    ]);
    this.#changed();
  }

  async #settledBefore(index: number): Promise<SettledStep | undefined> {
    const step = this.#plan.steps[index];
    return step && readJson<SettledStep>(this.#paths(step).settled);
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
    const { clock, slots, logger } = this.#context;
    await Promise.all([...this.#sidecars.values()].map(({ run }) => run?.stop('Cancelled', SIDECAR_GRACE_MS)));
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
    const { plan, workspace, tekton, volumes } = this.paths;
    await Promise.all([plan, workspace, tekton, volumes].map((path) => rm(path, { recursive: true, force: true }))).catch(
      (error: unknown) => {
        logger.warn('folders of an ended pod could not be deleted', { pod: this.uid, error });
      },
    );
  }

  /** Until it is on the disk, this run has to stay: without it the pod would count as never started. */
  async #writeEnd(): Promise<void> {
    for (let failures = 0; !this.#closed; failures++) {
      try {
        await writeAtomically(this.paths.ended, JSON.stringify(this.observe()));
        await unlink(this.#entry).catch(absentAsUndefined);
        return;
      } catch (error) {
        if (failures === 0) {
          this.#context.logger.error('the end of a pod could not be written down; trying again', { pod: this.uid, error });
          this.#changed();
        }
        await new Promise((resolve) => setTimeout(resolve, WRITE_AGAIN_MS).unref());
      }
    }
  }

  /** Gives a verdict to every step that has none. */
  #cover(verdictFor: (isFirst: boolean) => StepVerdict): void {
    const now = this.#context.clock.now();
    const missing = this.#plan.steps.length - this.#settled.length;
    for (let i = 0; i < missing; i++) this.#settled.push(settledWithout(verdictFor(i === 0), now));
  }

  #stepResult(stepName: string, result: string): string | undefined {
    const index = this.#plan.steps.findIndex((step) => step.name === stepName);
    const results = this.#settled[index]?.results ?? {};
    return Object.hasOwn(results, result) ? results[result] : undefined;
  }

  #verdicts(): readonly StepVerdict[] {
    return this.#settled.map((step) => step.verdict);
  }

  async #blaming<T>(container: Container, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ContainerConfigError) this.#problems.set(container.container, error);
      throw error;
    }
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#context.logger.error('a container could not be watched or stopped', { pod: this.uid, error }));
  }

  #paths(container: Container): ContainerPaths {
    return containerPaths(this.paths, container.container);
  }

  #changed(): void {
    if (!this.#closed) this.#context.onChange(this.uid);
  }
}

function scriptName(container: Container): string {
  return `${container.container}.sh`;
}

/** What the step asks for and will not get; said in its log. */
function unheeded(container: Container): string | undefined {
  const asks = ('stdoutPath' in container && container.stdoutPath) || ('stderrPath' in container && container.stderrPath);
  return asks ? 'stdoutConfig and stderrConfig have no effect here, all output is in this log' : undefined;
}
