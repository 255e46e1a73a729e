import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeClient, KubeError } from '../../../src/kube/kube-client.ts';
import type { ContainerLog } from './container-log.ts';
import { type ContainerGround, ContainerWorker } from './container-worker.ts';
import { wait } from './pace.ts';
import { graceOf, isSidecar, type Pod, podPath } from './pod.ts';
import { podStatus } from './pod-status.ts';
import { StatusWriter, unlessGone } from './status-writer.ts';
import { MountError } from './volume-files.ts';
import { type MountedVolume, mountVolumes } from './volumes.ts';

export interface PodGround extends Omit<ContainerGround, 'volumes' | 'restarts' | 'changed'> {
  readonly client: KubeClient;
  readonly claims: string;
}

const FIRST_MOUNT_PAUSE_SECONDS = 0.5;
const LONGEST_MOUNT_PAUSE_SECONDS = 122;
/** What a sidecar has at least, however long those before it took (kubernetes pkg/kubelet/kuberuntime, `minimumGracePeriodInSeconds`). */
const LEAST_GRACE_SECONDS = 2;

/** One pod on this node, from when it was bound until it is removed. */
export class PodWorker {
  /** Resolves when nothing of it runs any more and its status says so. */
  readonly done: Promise<void>;
  readonly #ground: PodGround;
  readonly #workers = new Map<string, ContainerWorker>();
  readonly #writer: StatusWriter;
  readonly #startedAt = Date.now();
  readonly #ending = new AbortController();
  #deadline = new AbortController();
  #pod: Pod;
  #status: Pod['status'];
  #canStart = false;
  #isTerminated = false;
  #grace: number;
  #graceEnds = Number.POSITIVE_INFINITY;
  #evicted: { readonly reason: string; readonly message: string } | undefined;

  constructor(pod: Pod, ground: PodGround) {
    this.#ground = ground;
    this.#pod = pod;
    this.#status = pod.status;
    this.#grace = graceOf(pod);
    this.#writer = new StatusWriter(ground.client, pod);
    this.#tell();
    this.update(pod);
    this.done = this.#run();
  }

  /** What the API says of it by now. */
  update(pod: Pod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds: grace = graceOf(pod) } = pod.metadata;
    this.#pod = pod;
    if (this.#isTerminated) {
      if (deletionTimestamp !== undefined) void this.#removeFromApi();
      return;
    }
    this.#watchDeadline();
    if (deletionTimestamp !== undefined) this.#end(grace);
  }

  log(container: string): ContainerLog | undefined {
    return this.#workers.get(container)?.process?.log;
  }

  /** It is in the API no more: whatever is left of it goes at once. */
  async remove(): Promise<void> {
    this.#end(0);
    await this.done;
    rmSync(this.#ground.folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const volumes = await this.#mounted();
    if (volumes !== undefined) {
      this.#canStart = true;
      this.#tell();
      if (await this.#startInit(volumes)) await this.#runMain(volumes);
    }
    this.#deadline.abort();
    await this.#endAll();
    this.#isTerminated = true;
    this.#tell();
    await this.#writer.settled();
    if (this.#pod.metadata.deletionTimestamp !== undefined) await this.#removeFromApi();
  }

  async #mounted(): Promise<ReadonlyMap<string, MountedVolume> | undefined> {
    const { images, sources, users, claims, folder, pace } = this.#ground;
    const ground = { folder: join(folder, 'volumes'), claims, images, sources, asRoot: users.real };
    for (let pause = FIRST_MOUNT_PAUSE_SECONDS; !this.#ending.signal.aborted; pause = Math.min(2 * pause, LONGEST_MOUNT_PAUSE_SECONDS)) {
      try {
        return await mountVolumes(this.#pod, ground);
      } catch (error) {
        // The status says nothing of it; a kubelet leaves an event.
        if (!(error instanceof MountError)) throw error;
        await wait(pace, pause, this.#ending.signal);
      }
    }
    return undefined;
  }

  /** One after the other; `false`: the others are not to be started. */
  async #startInit(volumes: ReadonlyMap<string, MountedVolume>): Promise<boolean> {
    for (const container of this.#pod.spec.initContainers ?? []) {
      if (this.#ending.signal.aborted) return false;
      const worker = this.#start(container, isSidecar(container), volumes);
      await this.#unlessEnding(isSidecar(container) ? worker.started : worker.ended);
      if (!isSidecar(container) && worker.record.state?.terminated?.exitCode !== 0) return false;
    }
    return !this.#ending.signal.aborted;
  }

  /** Those that can be: one that cannot keeps none of the others. */
  async #runMain(volumes: ReadonlyMap<string, MountedVolume>): Promise<void> {
    const workers: ContainerWorker[] = [];
    for (const container of this.#pod.spec.containers) {
      if (this.#ending.signal.aborted) return;
      const worker = this.#start(container, false, volumes);
      workers.push(worker);
      await worker.attempted;
    }
    await this.#unlessEnding(Promise.all(workers.map(({ ended }) => ended)));
  }

  #start(container: Pod['spec']['containers'][number], restarts: boolean, volumes: ReadonlyMap<string, MountedVolume>): ContainerWorker {
    const changed = (): void => this.#tell();
    const folder = join(this.#ground.folder, 'containers');
    const worker = new ContainerWorker(this.#pod, container, { ...this.#ground, folder, volumes, restarts, changed });
    this.#workers.set(container.name, worker);
    return worker;
  }

  /** Sidecars last, and in reverse: those before may need them to the end. */
  async #endAll(): Promise<void> {
    const { initContainers = [], containers } = this.#pod.spec;
    const { secondMs } = this.#ground.pace;
    this.#graceEnds = Math.min(this.#graceEnds, Date.now() + this.#grace * secondMs);
    const left = (): number => Math.max(0, (this.#graceEnds - Date.now()) / secondMs);
    const others = [...initContainers.filter((container) => !isSidecar(container)), ...containers];
    await Promise.all(others.map(({ name }) => this.#workers.get(name)?.terminate(left())));
    for (const { name } of initContainers.filter(isSidecar).toReversed())
      await this.#workers.get(name)?.terminate(this.#grace === 0 ? 0 : Math.max(LEAST_GRACE_SECONDS, left()));
  }

  /** A later call can only shorten what is left. */
  #end(graceSeconds: number): void {
    if (this.#isTerminated) return;
    const ends = Date.now() + graceSeconds * this.#ground.pace.secondMs;
    if (ends >= this.#graceEnds) return;
    this.#graceEnds = ends;
    this.#grace = graceSeconds;
    const wasEnding = this.#ending.signal.aborted;
    this.#ending.abort();
    if (wasEnding) for (const worker of this.#workers.values()) worker.hurry(graceSeconds);
  }

  #watchDeadline(): void {
    this.#deadline.abort();
    this.#deadline = new AbortController();
    const { signal } = this.#deadline;
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined || this.#ending.signal.aborted) return;
    const passed = (Date.now() - this.#startedAt) / this.#ground.pace.secondMs;
    void wait(this.#ground.pace, Math.max(0, activeDeadlineSeconds - passed), signal).then(() => {
      if (signal.aborted || this.#ending.signal.aborted) return;
      this.#evicted = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
      this.#end(graceOf(this.#pod));
    });
  }

  #tell(): void {
    const facts = {
      pod: this.#pod,
      records: new Map([...this.#workers].map(([name, { record }]) => [name, record])),
      startedAt: this.#startedAt,
      now: Date.now(),
      canStart: this.#canStart,
      evicted: this.#evicted,
      isTerminated: this.#isTerminated,
    };
    this.#status = podStatus(facts, this.#status);
    this.#writer.write(this.#status);
  }

  /** As a kubelet that has ended a pod lets it go. */
  async #removeFromApi(): Promise<void> {
    const { uid } = this.#pod.metadata;
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await this.#ground.client.request({ method: 'DELETE', path: podPath(this.#pod), body }).catch(unlessGone);
  }

  #unlessEnding(what: Promise<unknown>): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
      what.then(() => resolve(), reject);
    });
  }
}

/** Whether the API was asked, and knows of none. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}
