/** What shares a lane is done one after the other, in the order in which it came; lanes do not wait for each other. */
export class Lanes {
  /** The last of each lane's queue; never rejects. */
  readonly #last = new Map<string, Promise<void>>();

  /** `undefined`: no lane, at once. Rejects as `act` does; that holds up nobody. */
  async run(lane: string | undefined, act: () => Promise<void>): Promise<void> {
    if (lane === undefined) return await act();
    const mine = (this.#last.get(lane) ?? Promise.resolve()).then(act);
    const over = mine.catch(() => {});
    this.#last.set(lane, over);
    try {
      await mine;
    } finally {
      if (this.#last.get(lane) === over) this.#last.delete(lane);
    }
  }
}
