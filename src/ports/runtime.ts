import type { PodObservation } from '../tasks/pod-observation.ts';
import type { PodPlan } from '../tasks/pod-plan.ts';

/** Contents of the ConfigMaps and Secrets a plan refers to, by name. Runtimes on a cluster do not need them. */
export interface PodMaterials {
  readonly configMaps: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
  /** Files by path below `/tekton/creds`. Each step has its own, and copies of them in its home, made anew when it starts; sidecars have none. */
  readonly credentials?: ReadonlyMap<string, string> | undefined;
}

export interface RuntimeCapabilities {
  /** False: a container's paths (`/workspace`, `/tekton`) are not private to a step, its own kind of isolation is weaker. */
  readonly privatePaths: boolean;
  readonly sidecars: boolean;
  /** Runs a step as another user. */
  readonly runAsUser: boolean;
  /** CPU and memory limits hold. */
  readonly resourceLimits: boolean;
}

export interface LogOptions {
  /** Wait for more until the container has ended. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecOptions {
  readonly command: readonly string[];
  /** A terminal: its output is one stream, and what is typed is echoed. */
  readonly tty: boolean;
}

/** A command of a user's own beside a container that runs. */
export interface ExecSession {
  /** 128 + signal for one that was killed. Resolves when all output has been taken. */
  readonly exitCode: Promise<number>;
  write(data: Uint8Array): void;
  /** There is no more input. */
  endInput(): void;
  kill(): void;
}

export type TakeOutput = (stream: 'stdout' | 'stderr', data: Uint8Array) => Promise<void> | void;

/**
 * Runs pods. `uid` isolates: nothing of one pod is visible to another but shared claims.
 *
 * - `start` returns when the pod is accepted, not when it runs; a second start of the same uid does nothing, even after
 *   a restart of the server, even when the first one was cut short. Nothing a step does runs twice.
 * - A non-zero exit, an OOM kill, an image nobody serves, a missing ConfigMap, a lost container are observations. Calls reject only when
 *   the runtime could not be asked.
 * - `observe` gives `undefined` for a uid it has never started (or has removed).
 * - `onChange` calls back with the uid after something about a pod changed; it may be called too often, never too seldom. One
 *   listener at a time is enough. Returns a function that ends it.
 * - `stop` ends what runs: TERM, then KILL after the grace time, the whole process tree. It resolves when nothing of the pod runs.
 *   Steps that had not ended are observed as terminated with `Cancelled`. Idempotent, also for unknown uids.
 * - `list` gives the uid of every pod it still holds, so that a restarted server can adopt or remove them.
 * - `remove` forgets a pod that has ended and frees what it held, logs included. Idempotent.
 * - `logs` yields what one container wrote, in order, stdout and stderr together. Unknown pod or container: nothing.
 * - `exec` runs a command beside a container that runs, and kills it when the container ends; `output` is awaited, so a slow reader slows the
 *   command. `undefined`: no such container runs. Absent where it cannot be done.
 * - `releaseClaim` frees what a persistentVolumeClaim kept between pods; one that keeps nothing is free already. `false`: a pod that has not
 *   ended mounts it, ask again later. Absent where claims are not the runtime's own (a cluster, a script).
 * - `close` lets go without stopping anything: detached steps run on and a later runtime on the same data adopts them.
 */
export interface Runtime {
  /** `sandbox`, `process`, `scripted`, `kubernetes`. */
  readonly name: string;
  readonly capabilities: RuntimeCapabilities;
  /** The pods it starts are Pod resources of the store already, kept up to date by others: nobody is to record them. */
  readonly recordsPods?: true;
  start(plan: PodPlan, materials: PodMaterials): Promise<void>;
  observe(uid: string): Promise<PodObservation | undefined>;
  onChange(listener: (uid: string) => void): () => void;
  logs(uid: string, container: string, options?: LogOptions): AsyncIterable<Buffer>;
  stop(uid: string, options: { readonly graceMs: number }): Promise<void>;
  list(): Promise<readonly string[]>;
  remove(uid: string): Promise<void>;
  exec?(uid: string, container: string, options: ExecOptions, output: TakeOutput): Promise<ExecSession | undefined>;
  releaseClaim?(namespace: string, name: string): Promise<boolean>;
  close(): Promise<void>;
}
