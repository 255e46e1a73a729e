/**
 * How long a second of the stand-in's is: what a kubelet waits for (probes, back-off, grace periods, deadlines) is counted in them. What containers do
 * takes its own time.
 */
export interface Pace {
  readonly secondMs: number;
}

/** Resolves after so many seconds, or with the signal. */
export function wait({ secondMs }: Pace, seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * secondMs);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
