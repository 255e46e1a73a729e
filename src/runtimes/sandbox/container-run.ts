import { spawn } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import type { Clock } from '../../ports/clock.ts';
import { absentAsUndefined } from './confined-path.ts';
import { readIfPresent } from './files.ts';
import type { Isolation, WrapperCommand } from './isolation.ts';
import type { Launcher } from './launcher.ts';
import { releaseCgroups } from './limits/release-cgroups.ts';
import type { ContainerPaths } from './pod-paths.ts';
import { isAlive, type ProcessIdentity, parseIdentity } from './process-table.ts';
import { watchFolder } from './watch-folder.ts';

/** `Unhealthy`: a probe or a hook of a sidecar's has failed. */
export type KillReason = 'Cancelled' | 'TimeoutExceeded' | 'Unhealthy';

export type ContainerEnd = { readonly startedAt: number; readonly finishedAt: number } & (
  | { readonly type: 'exited'; readonly exitCode: number; readonly outOfMemory: boolean }
  | { readonly type: 'killed'; readonly reason: 'Cancelled' | 'TimeoutExceeded' }
  /** 137 when it had to be killed. */
  | { readonly type: 'killed'; readonly reason: 'Unhealthy'; readonly exitCode: number; readonly message: string }
  | { readonly type: 'not-runnable'; readonly message: string }
  /** Somebody said so at its breakpoint. */
  | { readonly type: 'debugged'; readonly exitCode: number }
  | { readonly type: 'lost'; readonly message: string }
);

interface Settings {
  readonly paths: ContainerPaths;
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly launcher: Launcher;
  /** Unique on this machine: `<pod uid>/<container>`. */
  readonly id: string;
}

/** How often a container that is not our child is looked at, should the kernel's notice of its exit record be missed. */
const LOOK_AGAIN_MS = 1_000;
/** The exit code of what was killed, as shells count. A container that lived on when a process of it was killed has not run out of memory itself. */
const KILLED = 137;
/** A wrapper that has not claimed its container after so many looks never will: the launcher died under it. */
const MOST_DOUBTS = 5;

/**
 * One container from its launch, or from its adoption by a later server, to its end. Holds no pipe: all that is known of it comes from the
 * files the wrapper writes.
 */
export class ContainerRun {
  readonly startedAt: number;
  readonly ended: Promise<ContainerEnd>;
  readonly #settings: Settings;
  readonly #wake = new AbortController();
  #wrapper: ProcessIdentity | undefined;
  #stopping: Promise<void> | undefined;
  #killed: string | undefined;

  private constructor(settings: Settings, startedAt: number, wrapper: ProcessIdentity | undefined, exited: Promise<void>) {
    this.#settings = settings;
    this.startedAt = startedAt;
    this.#wrapper = wrapper;
    this.ended = exited.then(() => this.#end());
  }

  /** Starts the wrapper, detached. If another server has started this container in between, becomes its adopter. */
  static async launch(settings: Settings, command: WrapperCommand): Promise<ContainerRun> {
    const { clock, launcher, paths } = settings;
    const startedAt = clock.now();
    const launched = await launcher.launch(paths.dir, command);
    if (launched === false) return ContainerRun.#spawn(settings, command, startedAt);
    const run: ContainerRun = new ContainerRun(
      settings,
      startedAt,
      undefined,
      Promise.resolve().then(() => run.#untilNoticed(launched.recorded)),
    );
    return run;
  }

  /** Without a launcher: as a child of our own. */
  static #spawn(settings: Settings, command: WrapperCommand, startedAt: number): ContainerRun {
    // Spawned from the main thread: bwrap's --die-with-parent follows threads, the wrapper's one here.
    const child = spawn('/bin/sh', command.arguments, { detached: true, stdio: 'ignore', cwd: '/', env: command.env });
    child.unref();
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', (error) => {
        void writeFile(settings.paths.log, `${error.message}\n`, { flag: 'a' }).finally(resolve);
      });
    });
    const wrapper = child.pid === undefined ? undefined : { pid: child.pid };
    const run: ContainerRun = new ContainerRun(
      settings,
      startedAt,
      wrapper,
      exited.then(() => run.#yieldToOwner(child.pid)),
    );
    return run;
  }

  /** Takes over what an earlier server has started; `undefined` when it never got so far. */
  static async adopt(settings: Settings): Promise<ContainerRun | undefined> {
    const { paths } = settings;
    const found = await stat(paths.started).catch(absentAsUndefined);
    if (found === undefined) return undefined;
    const run: ContainerRun = new ContainerRun(
      settings,
      Math.floor(found.mtimeMs),
      ownerOf(paths),
      Promise.resolve().then(() => run.#untilRecorded()),
    );
    return run;
  }

  /** TERM, KILL after the grace time; resolves when it has ended and nothing of it runs. The first reason given is the one reported. `why`: a line. */
  async stop(reason: KillReason, graceMs: number, why = ''): Promise<void> {
    this.#stopping ??= this.#stop(`${reason}\n${why}`, graceMs);
    await this.#stopping;
  }

  /** Ends at once what a running `stop` would still wait for. */
  async kill(): Promise<void> {
    const wrapper = await this.#identity();
    if (wrapper !== undefined) await this.#settings.isolation.kill(wrapper, this.#settings.id);
  }

  /** Until the container's own command is executed, or all is over. */
  async executed(): Promise<void> {
    const isOver = this.ended.then(() => true);
    for (let over = false; !over; ) {
      const wrapper = await this.#identity();
      if (wrapper !== undefined && (await this.#settings.isolation.isRunning(wrapper))) return;
      over = await Promise.race([isOver, pause(5).then(() => false)]);
    }
  }

  /** Stops watching; the container runs on. */
  abandon(): void {
    this.#wake.abort();
  }

  async #stop(killed: string, graceMs: number): Promise<void> {
    const { clock, paths } = this.#settings;
    // What has ended by itself was not killed.
    if (readExitCode(paths) === undefined) {
      this.#killed = killed;
      // For a later server; with a full disk the kill is worth more than its reason.
      await writeFile(paths.killed, killed, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
    }
    if (graceMs > 0) {
      const takeBack: { call?: () => void } = {};
      const graceOver = new Promise<void>((resolve) => {
        takeBack.call = clock.at(clock.now() + graceMs, resolve);
      });
      await this.#terminate(Promise.race([this.ended, graceOver]));
      takeBack.call?.();
    }
    // A sandbox that is still being set up has no process to kill yet: ask until it is over.
    for (let over = false; !over; ) {
      await this.kill();
      over = await Promise.race([this.ended.then(() => true), pause(10).then(() => false)]);
    }
  }

  /** The signal is lost on a container that is still being set up, so it waits for the process that is to have it. */
  async #terminate(over: Promise<unknown>): Promise<void> {
    const isOver = over.then(() => true);
    for (let done = false; !done; ) {
      const wrapper = await this.#identity();
      if (wrapper !== undefined && (await this.#settings.isolation.terminate(wrapper))) break;
      done = await Promise.race([isOver, pause(5).then(() => false)]);
    }
    await isOver;
  }

  async #identity(): Promise<ProcessIdentity | undefined> {
    if (this.#wrapper === undefined || this.#wrapper.startTime === undefined)
      this.#wrapper = ownerOf(this.#settings.paths) ?? this.#wrapper;
    return this.#wrapper;
  }

  /** Our wrapper has left, because another's was first: wait for that one. */
  async #yieldToOwner(pid: number | undefined): Promise<void> {
    const owner = ownerOf(this.#settings.paths);
    if (owner !== undefined && owner.pid !== pid) {
      this.#wrapper = owner;
      await this.#untilRecorded();
    }
  }

  /** Until there is an exit record, or nobody left who could write one. The kernel tells when something changes in the folder. */
  async #untilRecorded(): Promise<void> {
    const { paths } = this.#settings;
    const { signal } = this.#wake;
    let notice: () => void = () => undefined;
    const watcher = watchFolder(paths.dir, () => notice());
    const over = aborted(signal);
    // The claim is created, then written: an empty one may belong to a wrapper in between, or to one that died there.
    let doubted = false;
    try {
      while (!signal.aborted) {
        const noticed = new Promise<void>((resolve) => {
          notice = resolve;
        });
        const wrapper = await this.#identity();
        const alive = wrapper === undefined ? !doubted : await isAlive(wrapper);
        doubted = wrapper === undefined;
        if (readExitCode(paths) !== undefined || !alive) return;
        await Promise.race([noticed, pause(LOOK_AGAIN_MS), over]);
      }
      await new Promise<never>(() => undefined);
    } finally {
      watcher?.close();
    }
  }

  /** The same, told by the wrapper itself: with a watch on its folder a chatty container would wake us with every line it writes. */
  async #untilNoticed(recorded: Promise<void>): Promise<void> {
    const { launcher, paths } = this.#settings;
    const { signal } = this.#wake;
    const told = Promise.race([recorded.then(() => true), aborted(signal).then(() => false)]);
    try {
      for (let looks = 0; !signal.aborted; looks++) {
        if (await Promise.race([told, pause(LOOK_AGAIN_MS).then(() => false)])) return;
        const wrapper = await this.#identity();
        const alive = wrapper === undefined ? looks < MOST_DOUBTS : await isAlive(wrapper);
        if (readExitCode(paths) !== undefined || !alive) return;
      }
      await new Promise<never>(() => undefined);
    } finally {
      launcher.forget(paths.dir);
    }
  }

  async #end(): Promise<ContainerEnd> {
    const { paths, isolation, clock, id } = this.#settings;
    const wrapper = await this.#identity();
    const exitCode = readExitCode(paths);
    if (wrapper !== undefined) await isolation.sweep(wrapper, id, exitCode !== undefined);
    const outOfMemory = await releaseCgroups(paths);
    const recorded = exitCode === undefined ? undefined : await stat(paths.exit).catch(absentAsUndefined);
    const times = {
      startedAt: this.startedAt,
      finishedAt: Math.max(this.startedAt, recorded === undefined ? clock.now() : Math.floor(recorded.mtimeMs)),
    };
    const [reason, why = ''] = (readIfPresent(paths.killed) ?? this.#killed ?? '').split('\n');
    if (reason === 'Cancelled' || reason === 'TimeoutExceeded') return { ...times, type: 'killed', reason };
    if (reason === 'Unhealthy') return { ...times, type: 'killed', reason, exitCode: exitCode ?? 137, message: why };
    if (exitCode === undefined) return { ...times, ...(await this.#unrecorded()) };
    const message = exitCode === 0 ? undefined : await isolation.whyNotRunnable(paths);
    return message === undefined
      ? { ...times, type: 'exited', exitCode, outOfMemory: outOfMemory && exitCode === KILLED }
      : { ...times, type: 'not-runnable', message };
  }

  async #unrecorded(): Promise<{ type: 'lost'; message: string } | { type: 'not-runnable'; message: string }> {
    const { paths } = this.#settings;
    const claimed = await stat(paths.started).catch(absentAsUndefined);
    if (claimed !== undefined)
      return { type: 'lost', message: 'its process vanished without a trace: the machine went down, or somebody killed it' };
    const log = readLog(paths);
    return { type: 'not-runnable', message: `its process could not be started: ${log?.trim() || 'is the disk full?'}` };
  }
}

function ownerOf(paths: ContainerPaths): ProcessIdentity | undefined {
  return parseIdentity(readIfPresent(paths.started) ?? '');
}

function readLog(paths: ContainerPaths): string | undefined {
  try {
    return readIfPresent(paths.log);
  } catch {
    return undefined;
  }
}

function readExitCode(paths: ContainerPaths): number | undefined {
  const text = readIfPresent(paths.exit);
  return text?.endsWith('\n') ? Number.parseInt(text, 10) : undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
