import { StoreError } from '../../ports/store.ts';

export interface Transactions {
  begin(): void;
  commit(): void;
  /** Must not throw. */
  rollback(): void;
  /** What the writers are told; `everybody`: the fault is not in the operation that met it (disk full, database damaged). */
  explain(error: unknown): { readonly error: unknown; readonly everybody: boolean };
}

interface Job {
  /** May run more than once, each time from the state before it. */
  run(): void;
  settle(): void;
  fail(error: unknown): void;
}

/** So that one turn's flood does not hold up the loop for seconds. */
const MAX_JOBS = 2_000;

/**
 * Writes that are asked for in one turn of the event loop share a transaction and so an fsync.
 *
 * The turn ends in the check phase (setImmediate): an idle server commits as soon as the callback that wrote has ended, while on a busy one
 * everything that this turn's sockets brought goes together, and what arrives during the fsync, which blocks the loop, is the next batch.
 *
 * An operation says no by throwing a `StoreError` before it has written anything; the others are not affected. Any other error may come
 * out of the middle of its writes: then the transaction is rolled back and repeated without it.
 */
export class GroupCommit {
  readonly #transactions: Transactions;
  #queue: Job[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #commits = 0;
  #writes = 0;

  constructor(transactions: Transactions) {
    this.#transactions = transactions;
  }

  /** Transactions committed so far. */
  get commits(): number {
    return this.#commits;
  }

  /** Operations in them. */
  get writes(): number {
    return this.#writes;
  }

  /** Resolves when what `operation` wrote is on disk. */
  write<T>(operation: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let outcome: { readonly value: T } | { readonly refusal: StoreError };
      this.#queue.push({
        run() {
          try {
            outcome = { value: operation() };
          } catch (error) {
            if (!(error instanceof StoreError)) throw error;
            outcome = { refusal: error };
          }
        },
        settle: () => ('value' in outcome ? resolve(outcome.value) : reject(outcome.refusal)),
        fail: reject,
      });
      this.#scheduled ??= setImmediate(() => this.#turn());
    });
  }

  /** Commits everything that waits, now. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    while (this.#queue.length > 0) this.#commit(this.#queue.splice(0, MAX_JOBS));
  }

  #turn(): void {
    this.#scheduled = undefined;
    this.#commit(this.#queue.splice(0, MAX_JOBS));
    if (this.#queue.length > 0) this.#scheduled ??= setImmediate(() => this.#turn());
  }

  #commit(batch: readonly Job[]): void {
    let jobs = batch;
    while (jobs.length > 0) {
      const culprit = this.#attempt(jobs);
      if (culprit === undefined) return;
      jobs = jobs.filter((job) => job !== culprit);
    }
  }

  /** Gives the job to leave out, if one broke the transaction. */
  #attempt(jobs: readonly Job[]): Job | undefined {
    let current: Job | undefined;
    let began = false;
    try {
      this.#transactions.begin();
      began = true;
      for (current of jobs) current.run();
      current = undefined;
      this.#transactions.commit();
    } catch (cause) {
      if (began) this.#transactions.rollback();
      const { error, everybody } = this.#transactions.explain(cause);
      const culprit = everybody ? undefined : current;
      for (const job of culprit === undefined ? jobs : [culprit]) job.fail(error);
      return culprit;
    }
    this.#commits++;
    this.#writes += jobs.length;
    for (const job of jobs) job.settle();
    return undefined;
  }
}
