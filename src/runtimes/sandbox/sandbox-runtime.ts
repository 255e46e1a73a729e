import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecOptions, ExecSession, LogOptions, PodMaterials, Runtime, RuntimeCapabilities, TakeOutput } from '../../ports/runtime.ts';
import type { PodObservation } from '../../tasks/pod-observation.ts';
import type { PodPlan } from '../../tasks/pod-plan.ts';
import { absentAsUndefined, ignoreExisting } from './confined-path.ts';
import { readIfPresent, readJson } from './files.ts';
import { followLog } from './follow-log.ts';
import { readPlan, writePlan } from './plan-file.ts';
import { containerPaths, type PodPaths, podPaths } from './pod-paths.ts';
import { PodRun, type PodRunContext } from './pod-run.ts';

/** Folders below the data directory. */
export interface SandboxDirs {
  /** One folder a pod. */
  readonly pods: string;
  /** An empty file for each pod that has not ended, named so that they sort by acceptance. */
  readonly active: string;
  /** Pods being deleted. */
  readonly trash: string;
}

export type SandboxRuntimeContext = Omit<PodRunContext, 'onChange'> & { readonly dirs: SandboxDirs };

/**
 * Pods as detached processes of this machine. All state is in files (see `PodPaths`), so that a server that was killed at any point finds
 * everything as it was.
 */
export class SandboxRuntime implements Runtime {
  readonly name: string;
  readonly capabilities: RuntimeCapabilities;
  readonly #context: SandboxRuntimeContext;
  readonly #runs = new Map<string, PodRun>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #followers = new Set<(uid: string) => void>();
  #listener: (uid: string) => void = () => undefined;
  #accepted = 0;

  constructor(context: SandboxRuntimeContext) {
    this.#context = context;
    const { isolation } = context;
    this.name = isolation.name === 'process' ? 'process' : 'sandbox';
    this.capabilities = { ...isolation.capabilities, resourceLimits: context.cgroups !== undefined };
  }

  /** Takes over what an earlier server has left. Pods that had begun run on, whatever the limit; the others wait in their old order. */
  async recover(): Promise<void> {
    const { dirs, logger } = this.#context;
    const waiting: PodRun[] = [];
    const entries = (await readdir(dirs.active)).sort();
    for (const entry of entries) {
      const uid = uidOf(entry);
      try {
        const run = await this.#load(uid, join(dirs.active, entry));
        if (run !== undefined && (await hasBegun(run.paths))) await run.resume();
        else if (run !== undefined) waiting.push(run);
      } catch (error) {
        logger.error('a pod could not be taken over; it is left as it is', { pod: uid, error });
      }
    }
    for (const run of waiting) run.admit();
    for (const run of this.#runs.values()) {
      const graceMs = readIfPresent(run.paths.stop);
      if (graceMs !== undefined)
        void run.stop(Number(graceMs) || 0).catch((error: unknown) => logger.error('a pod could not be stopped', { pod: run.uid, error }));
    }
    this.#context.trash.empty();
    try {
      this.#context.cgroups?.sweep(entries.map(uidOf));
    } catch (error) {
      logger.warn('limits of pods that are gone could not be looked for', { error });
    }
  }

  async start(plan: PodPlan, materials: PodMaterials): Promise<void> {
    const { uid } = plan;
    if (this.#runs.has(uid)) return;
    let starting = this.#starting.get(uid);
    if (starting === undefined) {
      starting = this.#accept(plan, materials).finally(() => this.#starting.delete(uid));
      this.#starting.set(uid, starting);
    }
    await starting;
  }

  async observe(uid: string): Promise<PodObservation | undefined> {
    return this.#runs.get(uid)?.observe() ?? readJson<PodObservation>(podPaths(this.#context.dirs.pods, uid).ended);
  }

  onChange(listener: (uid: string) => void): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = () => undefined;
    };
  }

  logs(uid: string, container: string, options: LogOptions = {}): AsyncIterable<Buffer> {
    if (!/^[a-z0-9A-Z][a-z0-9A-Z_.-]*$/.test(container)) return noLines();
    const paths = containerPaths(podPaths(this.#context.dirs.pods, uid), container);
    const source = {
      dir: paths.dir,
      log: paths.log,
      hasEnded: async (): Promise<boolean | undefined> => {
        const run = this.#runs.get(uid);
        return run === undefined ? ((await exists(paths.dir)) ? true : undefined) : run.hasEnded(container);
      },
      onChange: (listener: () => void): (() => void) => {
        const follower = (changed: string): void => {
          if (changed === uid) listener();
        };
        this.#followers.add(follower);
        return () => this.#followers.delete(follower);
      },
    };
    return followLog(source, options.follow ?? false, options.signal);
  }

  async exec(uid: string, container: string, options: ExecOptions, output: TakeOutput): Promise<ExecSession | undefined> {
    return this.#runs.get(uid)?.exec(container, options, output);
  }

  async stop(uid: string, { graceMs }: { readonly graceMs: number }): Promise<void> {
    await this.#starting.get(uid);
    await this.#runs.get(uid)?.stop(graceMs);
  }

  async list(): Promise<readonly string[]> {
    const { dirs } = this.#context;
    return [...new Set([...(await readdir(dirs.pods)), ...this.#runs.keys()])];
  }

  async remove(uid: string): Promise<void> {
    const { dirs } = this.#context;
    if (this.#runs.has(uid)) throw new Error(`pod ${uid} has not ended; stop it before removing it`);
    this.#context.trash.take(podPaths(dirs.pods, uid).root);
  }

  async releaseClaim(namespace: string, name: string): Promise<boolean> {
    const { claimsDir, trash } = this.#context;
    if (![namespace, name].every((part) => CLAIM_PART.test(part))) return true;
    if ([...this.#runs.values()].some((run) => run.mountsClaim(namespace, name))) return false;
    trash.take(join(claimsDir, namespace, name));
    return true;
  }

  async close(): Promise<void> {
    for (const run of this.#runs.values()) run.close();
    await Promise.allSettled(this.#starting.values());
    for (const run of this.#runs.values()) run.close();
    await this.#context.trash.close();
    this.#context.launcher.close();
    this.#listener = () => undefined;
  }

  async #accept(plan: PodPlan, materials: PodMaterials): Promise<void> {
    const { dirs, clock } = this.#context;
    const paths = podPaths(dirs.pods, plan.uid);
    try {
      mkdirSync(paths.root, { mode: 0o700 });
    } catch (error) {
      ignoreExisting(error);
      // A pod that has not ended would be in memory.
      if (await exists(paths.ended)) return;
      if (await exists(paths.begun))
        throw new Error(`pod ${plan.uid} had begun and could not be taken over; see the log of the start. Its files are in ${paths.root}`);
    }
    const acceptedAt = clock.now();
    const order = `${String(acceptedAt).padStart(15, '0')}-${String(this.#accepted++).padStart(9, '0')}`;
    const entry = join(dirs.active, `${order}.${plan.uid}`);
    const accepted = { plan, materials, acceptedAt };
    writeFileSync(entry, '', { mode: 0o600 });
    writePlan(paths.plan, accepted);
    const run = this.#track(new PodRun(this.#podContext(), accepted, paths, entry));
    run.admit();
    this.#changed(plan.uid);
  }

  async #load(uid: string, entry: string): Promise<PodRun | undefined> {
    const paths = podPaths(this.#context.dirs.pods, uid);
    const accepted = readPlan(paths.plan);
    if ((await exists(paths.ended)) || (accepted === undefined && !(await exists(paths.begun)))) {
      // It ended just before its entry was to be deleted, or the server died before it had accepted it.
      await unlink(entry);
      return undefined;
    }
    if (accepted === undefined) throw new Error(`${paths.plan} is missing or damaged`);
    return this.#track(new PodRun(this.#podContext(), accepted, paths, entry));
  }

  #track(run: PodRun): PodRun {
    this.#runs.set(run.uid, run);
    void run.ended.then(() => this.#runs.delete(run.uid));
    return run;
  }

  #podContext(): PodRunContext {
    return { ...this.#context, onChange: (uid) => this.#changed(uid) };
  }

  #changed(uid: string): void {
    this.#listener(uid);
    for (const follower of this.#followers) follower(uid);
  }
}

function uidOf(entry: string): string {
  return entry.slice(entry.indexOf('.') + 1);
}

/** As `checkVolumes` lets through: nothing else can have a folder. */
const CLAIM_PART = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** An empty mark is one whose server was killed while it was making it: no step is started before the mark is on the disk. */
async function hasBegun({ begun }: PodPaths): Promise<boolean> {
  return (readIfPresent(begun) ?? '') !== '';
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(absentAsUndefined)) !== undefined;
}

async function* noLines(): AsyncGenerator<Buffer, void, undefined> {}
