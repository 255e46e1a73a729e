/**
 * How soon the engine writes what merely goes on, and how often it reads. What begins and what ends never waits: pods are started and stopped at once, and
 * that something has ended is said at once. All in milliseconds.
 */
export interface Pace {
  /** What goes on in a pod that was started so short a time ago is written when it is older, or has ended. */
  readonly youngPodMs: number;
  /**
   * What goes on in a TaskRun waits so long for what comes next, and is one write with it; longer when many are under way, up to `perTaskMs` for each, and at
   * most `longestMs`.
   */
  readonly progressMs: number;
  /** A PipelineRun of more tasks than `largeRun` says how far it has come once in `perTaskMs` for each task, and at least once in `longestMs`. */
  readonly largeRun: number;
  readonly perTaskMs: number;
  readonly longestMs: number;
  /** An Event of what goes on waits so long, and is not written when it has ended by then; one of a run that a PipelineRun tells of waits longer. */
  readonly eventsMs: number;
  readonly childEventsMs: number;
  /** What was read by its name for a run holds so long for that run and its children. Another run reads anew: it may have been applied just before it. */
  readonly definitionsMs: number;
}

/** For a store of our own on this machine: everything is told when it happens, but for steps that only start and end. */
export const promptPace: Pace = {
  // Longer than a step takes that does nothing; shorter than anybody notices.
  youngPodMs: 50,
  progressMs: 0,
  largeRun: 100,
  perTaskMs: 0.2,
  longestMs: 1_000,
  eventsMs: 0,
  childEventsMs: 0,
  definitionsMs: 0,
};

/** For a cluster, whose API server serves everybody: a pod takes a second to start there, and each write is a request and a line in everybody's watch. */
export const sparingPace: Pace = {
  youngPodMs: 0,
  progressMs: 1_000,
  largeRun: 0,
  perTaskMs: 100,
  longestMs: 5_000,
  eventsMs: 5_000,
  childEventsMs: 60_000,
  definitionsMs: 5_000,
};
