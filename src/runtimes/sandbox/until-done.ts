const AGAIN_MS = 5_000;

interface Patience {
  isOver(): boolean;
  onFirstFailure(error: unknown): void;
}

/** Tries what may fail for a while (a full disk), until it succeeds or is over. */
export async function untilDone(attempt: () => void, { isOver, onFirstFailure }: Patience): Promise<void> {
  for (let failures = 0; !isOver(); failures++) {
    try {
      attempt();
      return;
    } catch (error) {
      if (failures === 0) onFirstFailure(error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
    }
  }
}
