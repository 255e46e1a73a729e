import type { Stored } from '../resources/object.ts';
import { sameValue } from '../resources/same-value.ts';
import type { TaskRun, TaskRunStatus } from '../resources/task-run/schema.ts';
import { podUid } from '../tasks/pod-uid.ts';
import type { Pace } from './pace.ts';

interface Held {
  readonly status: TaskRunStatus;
  /** The status it was decided on. */
  readonly written: TaskRunStatus | undefined;
  readonly since: number;
}

/**
 * Statuses of TaskRuns that are decided and not written yet. Whoever decides next decides on them; a server that is killed with them in hand decides them
 * again by what it sees of the pods.
 */
export class HeldStatuses {
  readonly #pace: Pace;
  readonly #held = new Map<string, Held>();
  /** Pods that were started a moment ago, by uid, and when. */
  readonly #young = new Map<string, number>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** The TaskRun with what is held of it. What somebody else has written meanwhile counts more. */
  over(taskRun: Stored<TaskRun>): Stored<TaskRun> {
    const held = this.#held.get(taskRun.metadata.uid);
    if (held === undefined) return taskRun;
    if (held.written === taskRun.status || sameValue(held.written, taskRun.status)) return { ...taskRun, status: held.status };
    this.#held.delete(taskRun.metadata.uid);
    return taskRun;
  }

  podStarted(pod: string, now: number): void {
    if (this.#pace.youngPodMs > 0) this.#young.set(pod, now);
  }

  /**
   * Takes the latest status of `written`, which is as the store has it: `undefined` when it is to be written now, else the instant until which it is
   * held. `underWay`: how many TaskRuns are.
   */
  hold(written: Stored<TaskRun>, status: TaskRunStatus, now: number, underWay: number): number | undefined {
    const { uid } = written.metadata;
    const since = this.#held.get(uid)?.since ?? now;
    const due = this.#due(written, status, since, underWay);
    if (due === undefined || due <= now) {
      this.#held.delete(uid);
      if (status.completionTime !== undefined) this.#young.delete(podUid(written));
      return undefined;
    }
    this.#held.set(uid, { status, written: written.status, since });
    return due;
  }

  forget({ metadata: { uid } }: Stored<TaskRun>): void {
    this.#held.delete(uid);
  }

  #due(written: Stored<TaskRun>, status: TaskRunStatus, since: number, underWay: number): number | undefined {
    const { podName, retriesStatus = [] } = written.status ?? {};
    const goesOn = status.completionTime === undefined && (status.retriesStatus ?? []).length === retriesStatus.length;
    if (!goesOn) return undefined;
    const { progressMs, perTaskMs, longestMs, youngPodMs } = this.#pace;
    // Which pod it is, is not kept back for its youth.
    const started = podName === status.podName ? this.#young.get(podUid(written)) : undefined;
    if (started !== undefined && started + youngPodMs < since) this.#young.delete(podUid(written));
    const wait = progressMs === 0 ? 0 : Math.max(progressMs, Math.min(longestMs, perTaskMs * underWay));
    return Math.max(since + wait, started === undefined ? 0 : started + youngPodMs);
  }
}
