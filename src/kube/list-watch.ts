import type { Clock } from '../ports/clock.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { backoff } from './backoff.ts';
import { followChanges, type ObjectChange } from './follow-changes.ts';
import { type KubeClient, KubeError } from './kube-client.ts';
import { type Collection, listAll } from './list-pages.ts';
import { pause } from './rate-limit.ts';

export interface ListWatchOptions extends Collection {
  readonly clock: Clock;
  /** Told of what went wrong; the loop goes on. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  readonly random?: (() => number) | undefined;
}

/** `LISTED`: all there is by now; what is not among it is gone. */
export type ListWatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'LISTED'; readonly items: readonly Stored<T>[]; readonly resourceVersion: string }
  | ObjectChange<T>;

const PAUSES = { firstMs: 200, longestMs: 30_000 };

/** The one loop: list, watch, back off, again. It ends with the signal and with nothing else. */
export async function* listWatch<T extends KubeObject>(client: KubeClient, options: ListWatchOptions): AsyncGenerator<ListWatchEvent<T>> {
  const { clock, signal, onTrouble, random = Math.random } = options;
  let failures = 0;
  const ended = (): boolean => signal?.aborted === true;
  while (!ended()) {
    try {
      const { items, resourceVersion } = await listAll<T>(client, options);
      yield { type: 'LISTED', items, resourceVersion };
      for await (const change of followChanges<T>(client, { ...options, resourceVersion })) {
        failures = 0;
        yield change;
      }
    } catch (error) {
      if (ended()) return;
      const expired = error instanceof KubeError && error.code === 410;
      if (!expired) onTrouble?.(error);
      // The first list anew comes at once: that is what `Expired` asks for.
      if (!expired || failures > 0) {
        await pause(clock, backoff(failures, PAUSES, random), signal).catch(() => undefined);
      }
      failures++;
    }
  }
}
