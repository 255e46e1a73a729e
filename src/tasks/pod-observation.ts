/** What a runtime sees of one pod. The same shape from every runtime; `observePod` turns it into a TaskRun's status. */

export type ContainerState =
  | { readonly type: 'waiting'; readonly reason: string; readonly message?: string | undefined }
  | { readonly type: 'running'; readonly startedAt: number }
  | {
      readonly type: 'terminated';
      /** As Kubernetes counts: 128 + signal for a killed process. For `onError: continue` the real code. */
      readonly exitCode: number;
      /** `Completed`, `Error`, `OOMKilled`. */
      readonly reason: string;
      readonly message?: string | undefined;
      readonly signal?: number | undefined;
      /** Milliseconds since the epoch: when the user's command started and ended. */
      readonly startedAt: number;
      readonly finishedAt: number;
    };

export interface StepObservation {
  readonly name: string;
  readonly container: string;
  /** What the image turned out to be; the reference itself when nothing better is known. */
  readonly imageId: string;
  readonly state: ContainerState;
  /**
   * Why it ended, in upstream's words: `Completed`, `Continued` (failed under `onError: continue`), `Error`, `TimeoutExceeded`, `Skipped`
   * (a `when` was false, or an earlier step failed), `Cancelled`.
   */
  readonly terminationReason?: string | undefined;
  /** Contents of the step's result files, verbatim. */
  readonly results: Readonly<Record<string, string>>;
  /** Contents of the task's result files as this step left them, verbatim: those of earlier steps are among them. */
  readonly taskResults: Readonly<Record<string, string>>;
  /** Contents of the step's `artifacts/provenance.json`, verbatim, where it has written one. */
  readonly artifacts?: string | undefined;
  /** Of the task's `/tekton/artifacts/provenance.json` as this step left it. */
  readonly taskArtifacts?: string | undefined;
  /** Results and artifacts came another way than by its container's termination message, which says nothing of them. */
  readonly resultsAreLogged?: true | undefined;
}

export interface SidecarObservation {
  readonly name: string;
  readonly container: string;
  readonly imageId: string;
  readonly state: ContainerState;
  /** For one that has probes or a postStart hook, as they say; absent: it is both while it runs. */
  readonly ready?: boolean | undefined;
  readonly started?: boolean | undefined;
}

export type ResultsProblem =
  /** One of them takes a longer line than `PodPlan.resultsLog` allows. */
  { readonly type: 'too-large'; readonly limitBytes: number } | { readonly type: 'unreadable'; readonly message: string };

export interface PodObservation {
  readonly uid: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  /** For Pending and Running: what the pod waits for, e.g. `WaitingForSlot`, `WaitingForSidecars`; for Failed: `Evicted`, `Lost`, or an outcome's own name, `PodAdmissionFailed`. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  /** When nothing but their images and settings kept its containers from starting; absent: not known, never, or of no interest any more. */
  readonly containersDueAt?: number | undefined;
  readonly steps: readonly StepObservation[];
  readonly sidecars: readonly SidecarObservation[];
  /** Its steps have ended, and what they have left as results is still to be read: it has not come to its end, whatever the phase. */
  readonly awaitsResults?: true | undefined;
  /** Why there are no results of steps that have ended. */
  readonly resultsProblem?: ResultsProblem | undefined;
  /** What ran it, for people: `bubblewrap`, `process`, `scripted`, a node's name. */
  readonly ranBy: string;
}
