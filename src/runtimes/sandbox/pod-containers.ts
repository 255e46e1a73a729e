import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { ExecOptions, ExecSession, PodMaterials, TakeOutput } from '../../ports/runtime.ts';
import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { ignoreExisting } from './confined-path.ts';
import { ContainerRun } from './container-run.ts';
import { type CredentialFiles, writeCredentials } from './credentials.ts';
import { writeDebugScripts } from './debug/debug-scripts.ts';
import { ContainerConfigError } from './environment.ts';
import { startExec } from './exec-session.ts';
import { makeFolder } from './files.ts';
import type { HostPathPolicy } from './host-path.ts';
import type { ImageMap, ImageMapEntry } from './image-map.ts';
import type { ContainerSpec, Isolation, WrapperCommand } from './isolation.ts';
import type { Launcher } from './launcher.ts';
import type { Cgroups } from './limits/cgroups.ts';
import { containerLimits } from './limits/container-limits.ts';
import { createPodFolders, createWorkingDir, type MountTable, mountTable } from './mounts.ts';
import { type ContainerPaths, containerPaths, type PodPaths } from './pod-paths.ts';
import { commandLine, type ResolvedPod } from './resolve-containers.ts';
import type { Streams } from './streams.ts';
import { createVolumes, type VolumePlaces, type VolumeRoot, volumeRoots } from './volumes.ts';

type Container = PlannedStep | PlannedSidecar;

export interface PodContainersContext {
  readonly claimsDir: string;
  readonly hostPaths: HostPathPolicy;
  readonly imageMap: ImageMap;
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly launcher: Launcher;
  /** Absent: this machine cannot hold containers to limits. */
  readonly cgroups: Cgroups | undefined;
}

/** The containers of one pod: what they expect to find, and how they are started. */
export class PodContainers {
  /** By container name: what keeps it from being created. */
  readonly problems: Map<string, ContainerConfigError>;
  readonly #context: PodContainersContext;
  readonly #pod: PodPaths;
  readonly #plan: PodPlan;
  readonly #images: ReadonlyMap<string, ImageMapEntry>;
  readonly #credentials: CredentialFiles;
  readonly #mounts = new Map<string, MountTable>();

  constructor(context: PodContainersContext, { plan, images, problems, credentials }: ResolvedPod, pod: PodPaths) {
    this.#context = context;
    this.#plan = plan;
    this.#images = images;
    this.#credentials = credentials;
    this.#pod = pod;
    this.problems = new Map(problems);
  }

  /** Creates everything the plan's containers share or expect. May be cut short and done again, but not once a container has been started. */
  async create(materials: PodMaterials): Promise<void> {
    this.#createFolders();
    if (this.#plan.steps.some(({ pausesBefore, pausesOnFailure }) => pausesBefore || pausesOnFailure)) writeDebugScripts(this.#pod);
    await createVolumes(this.#plan, materials, this.#places());
    await this.#forEach(async (container, mounts, index) => {
      if (index !== undefined && this.#credentials.size > 0)
        writeCredentials(join(this.#pod.credentials, String(index)), this.#credentialsFor(mounts));
      if (container.workingDir !== undefined) await createWorkingDir(mounts, this.#workingDir(container));
      if (container.script !== undefined) this.#writeScript(container, container.script, mounts);
    });
  }

  /** For a pod whose folders an earlier server has created. */
  async find(): Promise<void> {
    await this.#forEach(async () => {});
  }

  /** `undefined`: by the time it was ready, `mayStart` said no. */
  async launch(container: Container, mayStart: () => Promise<boolean>, warning?: string): Promise<ContainerRun | undefined> {
    const paths = this.paths(container);
    const planned = this.#plan.steps.find((step) => step.container === container.container);
    // Artifacts of earlier steps may have come into it.
    if (container.script !== undefined && planned !== undefined && container.script !== planned.script)
      this.#writeScript(container, container.script, this.#mounts.get(container.container) ?? []);
    const command = await this.#blaming(container, () => this.#context.isolation.prepare(this.#spec(container), paths));
    const warnings = [warning, command.warning].filter((text) => text !== undefined);
    if (warnings.length > 0) await writeFile(paths.log, warnings.map((text) => `tappet: ${text}\n`).join(''), { flag: 'a', mode: 0o600 });
    if (!(await mayStart())) return undefined;
    await this.#blaming(container, async () => this.#limit(container, paths));
    return ContainerRun.launch(this.#settings(container), command);
  }

  #limit(container: Container, paths: ContainerPaths): void {
    const limits = this.#context.cgroups && containerLimits(container.computeResources);
    if (limits !== undefined) this.#context.cgroups?.create(this.#plan.uid, container.container, limits, paths);
  }

  /** A user's command beside a container. */
  async exec(container: Container, { command, tty }: ExecOptions, output: TakeOutput): Promise<ExecSession> {
    const paths = this.paths(container);
    return startExec(await this.#context.isolation.exec({ ...this.#spec(container), argv: command }, paths), paths.dir, tty, output);
  }

  /** Beside a sidecar that has been launched, by this server or an earlier one. */
  execCommand(sidecar: PlannedSidecar, command: readonly string[]): Promise<WrapperCommand> {
    return this.#context.isolation.exec({ ...this.#spec(sidecar), argv: command }, this.paths(sidecar));
  }

  /** `undefined`: no server has started it. */
  adopt(container: Container): Promise<ContainerRun | undefined> {
    return ContainerRun.adopt(this.#settings(container));
  }

  paths(container: Container): ContainerPaths {
    return containerPaths(this.#pod, container.container);
  }

  #createFolders(): void {
    const { tekton } = this.#pod;
    const { steps, sidecars } = this.#plan;
    createPodFolders(this.#pod);
    for (const container of [...steps, ...sidecars]) makeFolder(this.paths(container).dir);
    for (const [index, step] of steps.entries()) {
      for (const folder of ['', 'status', 'status/results', 'status/artifacts']) makeFolder(join(tekton, 'run', String(index), folder));
      for (const name of [step.container, String(index)]) link(`../run/${index}/status`, join(tekton, 'steps', name));
    }
  }

  /** Finds out where its mounts lie first. */
  async #forEach(work: (container: Container, mounts: MountTable, index: number | undefined) => Promise<void>): Promise<void> {
    const { steps, sidecars } = this.#plan;
    const volumes: ReadonlyMap<string, VolumeRoot> = volumeRoots(this.#plan, this.#places());
    await Promise.all(
      [...steps, ...sidecars].map((container, place) =>
        this.#blaming(container, async () => {
          const index = place < steps.length ? place : undefined;
          const mounts = await mountTable(container, index, volumes, this.#pod, this.#credentials.size > 0);
          this.#mounts.set(container.container, mounts);
          await work(container, mounts, index);
        }),
      ),
    );
  }

  #places(): VolumePlaces {
    const { claimsDir, hostPaths, imageMap } = this.#context;
    return { pod: this.#pod, claimsDir, hostPaths, imageMap };
  }

  #writeScript(container: Container, script: string, mounts: MountTable): void {
    const file = join(this.#pod.tekton, 'scripts', scriptName(container));
    writeFileSync(file, this.#context.isolation.script(script, mounts), { mode: 0o755 });
  }

  #settings(container: Container): Parameters<typeof ContainerRun.adopt>[0] {
    const { isolation, clock, launcher } = this.#context;
    return { paths: this.paths(container), isolation, clock, launcher, id: this.#idOf(container) };
  }

  /**
   * Told to nobody else, so that one container's processes can be found by it. Another server on this machine may hold a copy of this data and
   * so the same uids: where the data lies tells them apart.
   */
  #idOf(container: Container): string {
    const place = createHash('sha256').update(this.#pod.root).digest('hex').slice(0, 16);
    return `${this.#plan.uid}/${container.container}@${place}`;
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
      streams: this.#streamsOf(container),
      ...this.#homeOf(container),
      ...(runsCommands(container) && { root: join(this.#pod.roots, container.container) }),
      runAsUser: own?.runAsUser ?? ofPod?.runAsUser,
      runAsGroup: own?.runAsGroup ?? ofPod?.runAsGroup,
      names: this.#plan.podTemplate ?? {},
      readOnlyRoot: own?.readOnlyRootFilesystem ?? false,
      hostname: this.#plan.name.slice(0, 63).replace(/[^A-Za-z0-9]+$/, ''),
      id: this.#idOf(container),
    };
  }

  #workingDir(container: Container): string {
    return posix.resolve('/workspace', container.workingDir ?? this.#images.get(container.container)?.workingDir ?? '.');
  }

  /** Sidecars get no credentials. */
  #homeOf(container: Container): Pick<ContainerSpec, 'credentials' | 'home'> {
    const index = this.#plan.steps.findIndex((step) => step.container === container.container);
    if (index < 0 || this.#credentials.size === 0) return { credentials: new Map() };
    const mounts = this.#mounts.get(container.container) ?? [];
    return { credentials: this.#credentialsFor(mounts), home: join(this.#pod.credentials, `home-${index}`) };
  }

  /** Files that name other files are rewritten where the container's paths are not its own. */
  #credentialsFor(mounts: MountTable): CredentialFiles {
    return new Map([...this.#credentials].map(([path, contents]) => [path, this.#context.isolation.script(contents, mounts)]));
  }

  #streamsOf(container: Container): Streams {
    if (!('onError' in container)) return {};
    const { stdoutPath, stderrPath } = container;
    const resolve = (path: string | undefined): string | undefined => path && posix.resolve(this.#workingDir(container), path);
    return { stdout: resolve(stdoutPath), stderr: resolve(stderrPath) };
  }

  #imageOf(container: Container): ImageMapEntry {
    const image = this.#images.get(container.container);
    if (image === undefined) throw this.problems.get(container.container) ?? new Error(`no image was resolved for ${container.container}`);
    return image;
  }

  async #blaming<T>(container: Container, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ContainerConfigError) this.problems.set(container.container, error);
      throw error;
    }
  }
}

/** Whether a probe or a hook runs commands beside it. */
function runsCommands(container: Container): boolean {
  if ('onError' in container) return false;
  const { readinessProbe, startupProbe, livenessProbe, postStart, preStop } = container;
  return [readinessProbe?.check, startupProbe?.check, livenessProbe?.check, postStart, preStop].some((check) => check?.type === 'exec');
}

function link(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    ignoreExisting(error);
  }
}

function scriptName(container: Container): string {
  return `${container.container}.sh`;
}
