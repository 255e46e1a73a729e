import { type FileHandle, open } from 'node:fs/promises';
import { watchFolder } from './watch-folder.ts';

export interface LogSource {
  readonly dir: string;
  readonly log: string;
  /** Whether the container will write no more; `undefined`: there is no such container. */
  hasEnded(): Promise<boolean | undefined>;
  /** Calls back whenever `hasEnded` may answer differently. Returns a function that ends it. */
  onChange(listener: () => void): () => void;
}

const CHUNK_BYTES = 64 * 1024;
/** Should the kernel's notice be missed. */
const LOOK_AGAIN_MS = 1_000;

/** What the container has written; with `follow`, also what it will write until it ends. */
export async function* followLog(
  source: LogSource,
  follow: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  const bell = new Bell();
  const stopListening = source.onChange(() => bell.ring());
  const onAbort = (): void => bell.ring();
  signal?.addEventListener('abort', onAbort);
  let handle: FileHandle | undefined;
  let watcher: ReturnType<typeof watchFolder>;
  try {
    while (signal?.aborted !== true) {
      const rung = bell.next();
      // Asked before reading: whatever was written before the end is read after it.
      const ended = await source.hasEnded();
      if (ended === undefined) return;
      // The folder, not the file: that may not be there yet.
      if (follow && !ended) watcher ??= watchFolder(source.dir, () => bell.ring());
      handle ??= await open(source.log, 'r').catch(() => undefined);
      if (handle !== undefined) yield* chunks(handle, signal);
      if (ended || !follow) return;
      await Promise.race([rung, pause(LOOK_AGAIN_MS)]);
    }
  } finally {
    stopListening();
    signal?.removeEventListener('abort', onAbort);
    watcher?.close();
    await handle?.close();
  }
}

async function* chunks(handle: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
  while (signal?.aborted !== true) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A ring between two waits is not lost. */
class Bell {
  #ring: () => void = () => undefined;

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }

  ring(): void {
    this.#ring();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
