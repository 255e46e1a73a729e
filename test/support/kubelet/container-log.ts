/** What one run of a container has written, in the order it came, kept for as long as its pod is. */
export class ContainerLog {
  readonly #chunks: Buffer[] = [];
  readonly #readers = new Set<() => void>();
  #ended = false;

  write(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  /** What was written was not the container's. */
  clear(): void {
    this.#chunks.length = 0;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** `follow`: to the container's end. */
  async *read(follow: boolean, signal: AbortSignal): AsyncGenerator<Buffer> {
    for (let next = 0; !signal.aborted; next++) {
      while (follow && next >= this.#chunks.length && !this.#ended && !signal.aborted) await this.#more(signal);
      const chunk = this.#chunks[next];
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#readers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#readers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #wake(): void {
    for (const reader of [...this.#readers]) reader();
  }
}
