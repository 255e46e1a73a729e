/** A bound on how many run at once; first come, first served. */
export class Slots {
  readonly limit: number;
  readonly #running = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Calls `begin` when there is room: at once, or when others have left. */
  enter(uid: string, begin: () => void): void {
    this.#waiting.set(uid, begin);
    this.#fill();
  }

  /** For what runs already, limit or not. */
  occupy(uid: string): void {
    this.#running.add(uid);
  }

  leave(uid: string): void {
    this.#waiting.delete(uid);
    this.#running.delete(uid);
    this.#fill();
  }

  #fill(): void {
    for (const [uid, begin] of this.#waiting) {
      if (this.#running.size >= this.limit) return;
      this.#waiting.delete(uid);
      this.#running.add(uid);
      begin();
    }
  }
}
