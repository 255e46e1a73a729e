import { renameSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../ports/logger.ts';
import { absentAsUndefined } from './confined-path.ts';
import type { Launcher } from './launcher.ts';

/** How long things may pile up before they are deleted together. */
const PILE_MS = 500;

/**
 * Where ended pods' folders go. Moving one there takes microseconds; deleting it would take some hundred system calls, so that is done now and then for all
 * at once, by a process of its own. What a killed server left there goes at the next start.
 */
export class Trash {
  readonly #dir: string;
  readonly #launcher: Launcher;
  readonly #logger: Logger;
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;
  #emptying: Promise<void> | undefined;
  #closed = false;

  constructor(dir: string, launcher: Launcher, logger: Logger) {
    this.#dir = dir;
    this.#launcher = launcher;
    this.#logger = logger;
  }

  /** Takes a file or folder away; one that is not there is fine. */
  take(path: string): void {
    try {
      renameSync(path, join(this.#dir, `${process.pid}-${Date.now()}-${this.#taken++}`));
    } catch (error) {
      absentAsUndefined(error);
      return;
    }
    this.empty();
  }

  /** Deletes what is there, soon. */
  empty(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#emptying = this.#delete().catch((error: unknown) => {
        this.#logger.warn('folders of ended pods could not be deleted; the next start tries again', { dir: this.#dir, error });
      });
    }, PILE_MS);
    this.#timer.unref();
  }

  /** Leaves the rest to the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#emptying;
  }

  async #delete(): Promise<void> {
    await this.#emptying;
    const names = (await readdir(this.#dir)).filter((name) => name !== 'launch');
    if (names.length === 0) return;
    const paths = names.map((name) => join(this.#dir, name));
    const launched = await this.#launcher.launch(this.#dir, { arguments: ['-c', 'exec rm -rf -- "$@"', 'rm', ...paths], env: {} });
    if (launched !== false) this.#launcher.forget(this.#dir);
    else await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
  }
}
