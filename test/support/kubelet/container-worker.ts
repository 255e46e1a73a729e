import { join } from 'node:path';
import { timestamp } from '../../../src/resources/timestamp.ts';
import { ContainerProcess, type Exit } from './container-process.ts';
import { ConfigError, environmentOf, type Sources } from './environment.ts';
import { type Images, pullImage } from './images.ts';
import { StartError } from './mounts.ts';
import { type Pace, wait } from './pace.ts';
import type { Container, Pod, Terminated } from './pod.ts';
import type { ContainerRecord } from './pod-status.ts';
import { followHealth, handle } from './probes.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';
import { terminationMessage } from './termination-message.ts';
import type { Users } from './users.ts';
import type { MountedVolume } from './volumes.ts';

export interface ContainerGround {
  readonly pace: Pace;
  readonly images: Images;
  readonly users: Users;
  readonly sources: Sources;
  /** Of the pod's containers. */
  readonly folder: string;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  /** Whether it is started again when it has ended, whatever it ended with. */
  readonly restarts: boolean;
  /** Hears of every change. */
  readonly changed: () => void;
}

const RETRY_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 300;
const EPOCH = '1970-01-01T00:00:00Z';

/** Brings up one container of a pod, and again where that is asked for, until it is told to end. */
export class ContainerWorker {
  record: ContainerRecord = {};
  process: ContainerProcess | undefined;
  /** Resolves when it runs, or could not be started at once. */
  readonly attempted: Promise<void>;
  readonly started: Promise<void>;
  /** Resolves when it has ended for good. */
  readonly ended: Promise<void>;
  readonly #pod: Pod;
  readonly #container: Container;
  readonly #ground: ContainerGround;
  readonly #ending = new AbortController();
  #sandbox: Sandbox | undefined;
  #runs = 0;
  #hasAttempted: () => void = () => undefined;
  #hasStarted: () => void = () => undefined;

  constructor(pod: Pod, container: Container, ground: ContainerGround) {
    this.#pod = pod;
    this.#container = container;
    this.#ground = ground;
    this.attempted = new Promise((resolve) => {
      this.#hasAttempted = resolve;
    });
    this.started = new Promise((resolve) => {
      this.#hasStarted = resolve;
    });
    this.ended = this.#run();
  }

  /** TERM, behind the hook that wants to be asked first, then KILL. Resolves when it has ended for good. */
  async terminate(graceSeconds: number): Promise<void> {
    this.#ending.abort();
    const { process } = this;
    if (process !== undefined && !process.over.aborted) {
      void this.#killAfter(process, graceSeconds);
      await this.#beforeStop(process, graceSeconds);
      await process.signal('SIGTERM');
    }
    await this.ended;
  }

  /** Of one that has been told to end: KILL comes so soon, if it was not to come sooner. */
  hurry(graceSeconds: number): void {
    if (this.#ending.signal.aborted && this.process !== undefined) void this.#killAfter(this.process, graceSeconds);
  }

  async #killAfter(process: ContainerProcess, seconds: number): Promise<void> {
    await wait(this.#ground.pace, seconds, process.over);
    await process.signal('SIGKILL');
  }

  async #run(): Promise<void> {
    for (;;) {
      const sandbox = await this.#prepared();
      if (sandbox === undefined) break;
      await this.#runOnce(sandbox);
      if (!this.#ground.restarts || this.#ending.signal.aborted) break;
      await this.#backOff();
    }
    this.#hasAttempted();
  }

  async #runOnce(sandbox: Sandbox | StartError): Promise<void> {
    this.#runs++;
    if (sandbox instanceof StartError) return this.#over(notStarted(sandbox.message, Date.now()));
    const process = new ContainerProcess(sandbox);
    this.process = process;
    this.#sandbox = sandbox;
    await process.begun;
    let attended: Promise<void> | undefined;
    if (!process.over.aborted) {
      this.#tell({ state: { running: { startedAt: timestamp(process.startedAt) } }, ready: false, started: false });
      attended = this.#attend(process, sandbox, process.over);
    }
    this.#hasAttempted();
    const exit = await process.ended;
    await attended;
    this.#over(this.#terminated(process, sandbox, exit));
  }

  async #attend(process: ContainerProcess, sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    const { pace } = this.#ground;
    const end = (): void => void process.signal('SIGKILL');
    const hook = this.#container.lifecycle?.postStart;
    if (hook !== undefined && !(await handle(hook, sandbox, LONGEST_PAUSE_SECONDS * pace.secondMs, signal))) return end();
    await followHealth(this.#container, sandbox, pace, signal, {
      started: () => {
        this.#tell({ started: true });
        this.#hasStarted();
      },
      ready: (ready) => this.#tell({ ready }),
      unhealthy: end,
    });
  }

  async #beforeStop({ over }: ContainerProcess, graceSeconds: number): Promise<void> {
    const hook = this.#container.lifecycle?.preStop;
    const { pace } = this.#ground;
    if (hook?.sleep !== undefined) await wait(pace, hook.sleep.seconds, over);
    else if (hook !== undefined && this.#sandbox !== undefined) await handle(hook, this.#sandbox, graceSeconds * pace.secondMs, over);
  }

  /** `undefined`: it was told to end first. */
  async #prepared(): Promise<Sandbox | StartError | undefined> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted; failures++) {
      const made = await this.#make();
      if (made.ok) return signal.aborted ? undefined : made.sandbox;
      this.#tell({ state: { waiting: { reason: made.reason, message: made.message } } });
      this.#hasAttempted();
      if (made.reason === 'ErrImagePull') {
        await wait(this.#ground.pace, 1, signal);
        const message = `Back-off pulling image ${JSON.stringify(this.#container.image)}: ErrImagePull: ${made.message}`;
        if (!signal.aborted) this.#tell({ state: { waiting: { reason: 'ImagePullBackOff', message } } });
      }
      await wait(this.#ground.pace, Math.min(RETRY_SECONDS * 2 ** failures, LONGEST_PAUSE_SECONDS), signal);
    }
    return undefined;
  }

  async #make(): Promise<
    | { readonly ok: true; readonly sandbox: Sandbox | StartError }
    | { readonly ok: false; readonly reason: string; readonly message: string }
  > {
    const { images, sources, users, volumes, folder } = this.#ground;
    const { name, image = '', imagePullPolicy } = this.#container;
    const pulled = pullImage(images, image, imagePullPolicy);
    if (!pulled.ok) return pulled;
    this.record = { ...this.record, image: pulled.name, imageId: pulled.id };
    try {
      const environment = await environmentOf(this.#pod, this.#container, sources);
      const own = join(folder, `${name}-${this.#runs}`);
      return {
        ok: true,
        sandbox: await makeSandbox(this.#pod, this.#container, environment, { users, volumes, folder: own, imageRoot: pulled.root }),
      };
    } catch (error) {
      if (error instanceof ConfigError) return { ok: false, reason: 'CreateContainerConfigError', message: error.message };
      if (error instanceof StartError) return { ok: true, sandbox: error };
      throw error;
    }
  }

  /** At once the first time, then after 10 s, 20 s, … */
  async #backOff(): Promise<void> {
    const { pace } = this.#ground;
    const seconds = this.#runs < 2 ? 0 : Math.min(RETRY_SECONDS * 2 ** (this.#runs - 2), LONGEST_PAUSE_SECONDS);
    const lastState = this.record.state ?? {};
    this.record = { ...this.record, lastState, restartCount: this.#runs, ready: false, started: false };
    if (seconds === 0) return;
    const { name, namespace, uid } = this.#pod.metadata;
    const message = `back-off ${seconds}s restarting failed container=${this.#container.name} pod=${name}_${namespace}(${uid})`;
    this.#tell({ state: { waiting: { reason: 'CrashLoopBackOff', message } } });
    await wait(pace, seconds, this.#ending.signal);
    if (this.#ending.signal.aborted) this.#tell({ state: lastState });
  }

  #terminated(process: ContainerProcess, { terminationFile }: Sandbox, exit: Exit): Terminated {
    if (exit.type === 'not-started') return notStarted(exit.message, exit.at);
    const message = terminationMessage(this.#pod, this.#container, terminationFile, exit.exitCode, process.log.text);
    return {
      exitCode: exit.exitCode,
      reason: exit.exitCode === 0 ? 'Completed' : 'Error',
      ...(message !== undefined && { message }),
      startedAt: timestamp(process.startedAt),
      finishedAt: timestamp(exit.at),
    };
  }

  #over(terminated: Terminated): void {
    this.#tell({ state: { terminated }, started: false, ready: false });
  }

  #tell(change: Partial<ContainerRecord>): void {
    this.record = { ...this.record, ...change };
    this.#ground.changed();
  }
}

/** In runc's and containerd's words; the container never ran, so it has no start. */
function notStarted(why: string, at: number): Terminated {
  const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${why}`;
  return { exitCode: 128, reason: 'StartError', message, startedAt: EPOCH, finishedAt: timestamp(at) };
}
