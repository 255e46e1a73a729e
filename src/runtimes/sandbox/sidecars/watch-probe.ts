import type { Clock } from '../../../ports/clock.ts';
import type { PlannedProbe } from '../../../tasks/pod-plan.ts';
import type { CheckOutcome } from './run-check.ts';

export interface ProbeListener {
  /** As many answers in a row as it takes were good. */
  passed(): void;
  /** As many as it takes were bad. `why` is the last one. */
  failed(why: string): void;
  /** A bad answer that changes nothing yet. */
  doubted(why: string): void;
}

export interface ProbeWatch {
  readonly probe: PlannedProbe;
  /** Whether looks before the first regular one may count when they are good; else nothing is asked before. */
  readonly eager: boolean;
  /** Milliseconds since the epoch: when the container was started. */
  readonly startedAt: number;
  readonly clock: Clock;
  readonly ask: () => Promise<CheckOutcome>;
}

/** Kubernetes asks for the first time at a random moment of the first period. To ask often in it is to have hit the best one. */
const EARLY_MS = 100;
const LEAST_OFTEN_MS = 1_000;

/**
 * Asks a probe's question once a period, as the kubelet does: the first answer that counts against the container falls at the end of the first
 * period after the initial delay, so that `failureThreshold` periods are what it has. Returns a function that ends it.
 */
export function watchProbe({ probe, eager, startedAt, clock, ask }: ProbeWatch, listener: ProbeListener): () => void {
  const begin = Math.max(clock.now(), startedAt + probe.initialDelayMs);
  let due = begin + probe.periodMs;
  let early = eager;
  let earlyAt = begin;
  let pauseMs = EARLY_MS;
  let inARow = { good: true, count: 0 };
  let over = false;
  let takeBack: () => void = () => undefined;

  const wait = (): void => {
    const next = early ? Math.min(due, earlyAt) : due;
    takeBack = clock.at(next, () => void look(next >= due));
  };
  const look = async (regular: boolean): Promise<void> => {
    const answer = await ask();
    if (over) return;
    if (regular || answer.ok) {
      early = false;
      // What was missed, by a machine that slept or an answer that took long, is not made up for.
      due = regular ? Math.max(due + probe.periodMs, clock.now()) : clock.now() + probe.periodMs;
    } else {
      earlyAt = clock.now() + pauseMs;
      pauseMs = Math.min(2 * pauseMs, LEAST_OFTEN_MS);
    }
    if (answer.ok || regular) count(answer);
    else listener.doubted(answer.message);
    if (!over) wait();
  };
  const count = (answer: CheckOutcome): void => {
    inARow = { good: answer.ok, count: inARow.good === answer.ok ? inARow.count + 1 : 1 };
    if (answer.ok) {
      if (inARow.count >= probe.successThreshold) listener.passed();
    } else if (inARow.count >= probe.failureThreshold) listener.failed(answer.message);
    else listener.doubted(answer.message);
  };
  wait();
  return () => {
    over = true;
    takeBack();
  };
}
