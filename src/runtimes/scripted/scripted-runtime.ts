import type { Clock } from '../../ports/clock.ts';
import type { LogOptions, Runtime } from '../../ports/runtime.ts';
import type { PodObservation } from '../../tasks/pod-observation.ts';
import type { PodPlan } from '../../tasks/pod-plan.ts';
import { ScriptedPod } from './scripted-pod.ts';
import { readScripts, type StepScripts } from './step-script.ts';

export interface ScriptedRuntimeOptions {
  readonly clock: Clock;
  /** Asked for every step; `undefined` leaves it to the pod's annotation, and without one the step succeeds at once. */
  readonly script?: StepScripts | undefined;
  /** Default: no limit. */
  readonly maxPods?: number | undefined;
}

/** Pods without processes, for tests and benchmarks: every step ends as its script says, by the clock it is given. */
export function createScriptedRuntime(options: ScriptedRuntimeOptions): Runtime {
  return new ScriptedRuntime(options);
}

class ScriptedRuntime implements Runtime {
  readonly name = 'scripted';
  readonly capabilities = { privatePaths: true, sidecars: true, runAsUser: true, resourceLimits: true };
  readonly #options: ScriptedRuntimeOptions;
  readonly #pods = new Map<string, ScriptedPod>();
  readonly #waiting = new Map<string, ScriptedPod>();
  readonly #limit: number;
  readonly #followers = new Set<() => void>();
  #running = 0;
  #listener: (uid: string) => void = () => undefined;
  #closed = false;
  #turn: Promise<void> | undefined;

  constructor(options: ScriptedRuntimeOptions) {
    this.#options = options;
    this.#limit = options.maxPods ?? Number.POSITIVE_INFINITY;
  }

  async start(plan: PodPlan): Promise<void> {
    const { uid } = plan;
    if (this.#pods.has(uid)) return;
    const annotated = readScripts(plan);
    const byName = new Map(
      [...plan.steps, ...plan.sidecars].map((step) => [step.name, this.#options.script?.(plan, step) ?? annotated.get(step.name) ?? {}]),
    );
    const pod: ScriptedPod = new ScriptedPod(plan, {
      clock: this.#options.clock,
      scriptOf: (name) => byName.get(name) ?? {},
      onChange: () => this.#changed(uid),
      onEnd: () => this.#left(),
    });
    this.#pods.set(uid, pod);
    if (!pod.isBlocked) {
      this.#waiting.set(uid, pod);
      this.#fillLater();
    }
    this.#changed(uid);
  }

  async observe(uid: string): Promise<PodObservation | undefined> {
    const waiting = this.#waiting.has(uid) && this.#running >= this.#limit;
    return this.#pods
      .get(uid)
      ?.observe(
        waiting
          ? { reason: 'WaitingForSlot', message: `${this.#limit} pods run, which is the limit (maxPods); this one waits for its turn` }
          : undefined,
      );
  }

  onChange(listener: (uid: string) => void): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = () => undefined;
    };
  }

  async *logs(uid: string, container: string, options: LogOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    const pod = this.#pods.get(uid);
    if (pod?.output(container) === undefined) return;
    while (options.follow && !pod.isOver(container) && !options.signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.#followers.add(resolve);
        options.signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const output = pod.output(container) ?? '';
    if (output !== '') yield Buffer.from(output);
  }

  async stop(uid: string): Promise<void> {
    const pod = this.#pods.get(uid);
    if (pod === undefined || pod.hasEnded) return;
    // Its end gives back a slot; one that had none takes it for the moment.
    if (this.#waiting.delete(uid) || pod.isBlocked) this.#running++;
    pod.stop();
  }

  async list(): Promise<readonly string[]> {
    return [...this.#pods.keys()];
  }

  async remove(uid: string): Promise<void> {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    if (!pod.hasEnded) throw new Error(`pod ${uid} has not ended; stop it before removing it`);
    this.#pods.delete(uid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listener = () => undefined;
  }

  /** In a later turn and all that are there at once: `start` returns before the pod runs. */
  #fillLater(): void {
    this.#turn ??= Promise.resolve().then(() => {
      this.#turn = undefined;
      for (const [uid, pod] of this.#waiting) {
        if (this.#running >= this.#limit || this.#closed) return;
        this.#waiting.delete(uid);
        this.#running++;
        pod.begin();
      }
    });
  }

  #left(): void {
    this.#running--;
    if (this.#waiting.size > 0) this.#fillLater();
  }

  #changed(uid: string): void {
    if (this.#closed) return;
    this.#listener(uid);
    for (const wake of this.#followers) wake();
    this.#followers.clear();
  }
}
