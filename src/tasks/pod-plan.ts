import type { ComputeResources, PodTemplate, ResourceField, SecurityContext, VolumeDevice } from '../resources/core/pod-fields.ts';
import type { WhenExpression } from '../resources/pipeline/schema.ts';

/**
 * A pod as every runtime understands it: volumes, ordered steps, results, timeouts. Nothing of Kubernetes is in it.
 * Paths are the container's (`/workspace/source`, `/tekton/results/x`); where they lie on a host is the runtime's affair.
 */
export interface PodPlan {
  /** Isolates this attempt from every other: `<TaskRun uid>-<attempt>`. Safe as a file name. */
  readonly uid: string;
  /** Pod name by upstream's rule: `<taskrun>-pod`, on a retry `<taskrun>-pod-retry<n>`. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  readonly volumes: readonly PlannedVolume[];
  /** Run one after the other, each in its own container. */
  readonly steps: readonly PlannedStep[];
  /** Run from before the first step until after the last. */
  readonly sidecars: readonly PlannedSidecar[];
  /** Names of the files under `/tekton/results` to report after each step. */
  readonly results: readonly string[];
  /**
   * `results-from: sidecar-logs`: results come by the log of a container of their own, a line each of at most so many bytes. A cluster's affair, which has
   * little room for them elsewhere; local runtimes read the files.
   */
  readonly resultsLog?: { readonly maxLineBytes: number } | undefined;
  readonly podTemplate?: PodTemplate | undefined;
  /** The first step does not wait for sidecars to be ready (`await-sidecar-readiness: false`). */
  readonly ignoresReadiness?: true | undefined;
  /** The pods that it is to share a node with. One machine has all of them. */
  readonly nodeGroup?: NodeGroup | undefined;
  /** Should nobody be there to end it: one and a half times the TaskRun's timeout. A cluster's own limit; local runtimes end with their server. */
  readonly deadlineSeconds?: number | undefined;
}

/** Pods of one namespace that belong on one node: they use a volume that only one node can have, or a run is to stay together. */
export interface NodeGroup {
  readonly name: string;
  /** No pod of another group is to be on the same node. */
  readonly isolated: boolean;
}

interface VolumeBase {
  readonly name: string;
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number | undefined;
}

/** A file with a field of the pod in it, or with a limit or request of a container. Exactly one of them. */
export interface FieldFile {
  readonly path: string;
  /** `metadata.labels`, `metadata.name`. */
  readonly fieldPath?: string | undefined;
  readonly resource?: ResourceField | undefined;
  readonly mode?: number | undefined;
}

export interface ConfigMapSource {
  readonly name: string;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
  readonly defaultMode?: number | undefined;
}

export type SecretSource = ConfigMapSource;

export type PlannedVolume =
  | (VolumeBase & { readonly type: 'emptyDir'; readonly medium?: string | undefined; readonly sizeLimit?: string | undefined })
  | (VolumeBase & { readonly type: 'persistentVolumeClaim'; readonly claimName: string; readonly readOnly: boolean })
  | (VolumeBase & { readonly type: 'configMap' } & { readonly source: ConfigMapSource })
  | (VolumeBase & { readonly type: 'secret' } & { readonly source: SecretSource })
  | (VolumeBase & {
      readonly type: 'projected';
      readonly sources: readonly (
        | { readonly type: 'configMap'; readonly source: ConfigMapSource }
        | { readonly type: 'secret'; readonly source: SecretSource }
        | { readonly type: 'downwardAPI'; readonly items: readonly FieldFile[] }
        | { readonly type: 'other'; readonly raw: unknown }
      )[];
      readonly defaultMode?: number | undefined;
    })
  | (VolumeBase & { readonly type: 'downwardAPI'; readonly items: readonly FieldFile[]; readonly defaultMode?: number | undefined })
  /** `kind`: what is expected there, `Directory`, `FileOrCreate` and so on; empty: anything. */
  | (VolumeBase & { readonly type: 'hostPath'; readonly path: string; readonly kind: string })
  /** A claim that lives as long as the pod. `raw` is the volume as written. */
  | (VolumeBase & { readonly type: 'ephemeral'; readonly raw: unknown })
  /** The files of an image, read-only. */
  | (VolumeBase & { readonly type: 'image'; readonly reference: string; readonly pullPolicy?: string | undefined })
  /** csi, nfs and the like: only Kubernetes can serve them. `raw` is the volume as written. */
  | (VolumeBase & { readonly type: 'other'; readonly raw: unknown });

export interface PlannedMount {
  readonly volume: string;
  readonly mountPath: string;
  /** Relative, free of `..`; created when it does not exist. */
  readonly subPath?: string | undefined;
  /** A `subPath` with variables of the container in it: `$(POD_NAME)`. Excludes `subPath`. */
  readonly subPathExpr?: string | undefined;
  readonly readOnly: boolean;
  /** What only a cluster understands: `mountPropagation`. */
  readonly passedOn?: Readonly<Record<string, unknown>> | undefined;
}

/** In order; for a repeated name the later entry wins. */
export type PlannedEnv =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: { readonly name: string; readonly key: string; readonly optional: boolean } }
  | { readonly name: string; readonly configMap: { readonly name: string; readonly key: string; readonly optional: boolean } }
  | { readonly name: string; readonly fieldPath: string }
  | { readonly name: string; readonly resource: ResourceField }
  /** From where only a cluster has it: the field of `valueFrom`. */
  | { readonly name: string; readonly other: string; readonly raw?: unknown };

export interface PlannedEnvFrom {
  readonly prefix: string;
  readonly secret?: { readonly name: string; readonly optional: boolean } | undefined;
  readonly configMap?: { readonly name: string; readonly optional: boolean } | undefined;
}

interface PlannedContainer {
  /** As in the task: `build`, `unnamed-0`. */
  readonly name: string;
  /** `step-build`, `sidecar-db`. */
  readonly container: string;
  readonly image: string;
  readonly imagePullPolicy?: 'Always' | 'Never' | 'IfNotPresent' | undefined;
  /** Absent: the image's own entrypoint. */
  readonly command?: readonly string[] | undefined;
  /** Passed to `command`, to the script, or to the image's entrypoint. */
  readonly args: readonly string[];
  /** The whole file, shebang included (upstream's `#!/bin/sh\nset -e\n` is already there where the author gave none). Excludes `command`. */
  readonly script?: string | undefined;
  /** Absolute, or relative to `/workspace`; created when it does not exist under `/workspace`. Absent: the image's, else `/workspace`. */
  readonly workingDir?: string | undefined;
  readonly env: readonly PlannedEnv[];
  readonly envFrom: readonly PlannedEnvFrom[];
  readonly mounts: readonly PlannedMount[];
  /** Block devices. */
  readonly devices?: readonly VolumeDevice[] | undefined;
  readonly computeResources?: ComputeResources | undefined;
  readonly securityContext?: SecurityContext | undefined;
}

export interface PlannedStep extends PlannedContainer {
  /** Milliseconds; absent: none. When it elapses the step is killed and the pod fails, whatever `onError` says. */
  readonly timeoutMs?: number | undefined;
  readonly onError: 'continue' | 'stopAndFail';
  /** Names of step results: files under `/tekton/steps/<container>/results`. */
  readonly results: readonly string[];
  /** All must hold, else the step is skipped; may refer to `$(steps.S.results.R)`, replaced just before. */
  readonly when: readonly WhenExpression[];
  readonly stdoutPath?: string | undefined;
  readonly stderrPath?: string | undefined;
  /** Breakpoints: it waits for somebody before it runs, or where it has failed. One that pauses on failure runs whatever became of earlier steps. */
  readonly pausesBefore?: true | undefined;
  readonly pausesOnFailure?: true | undefined;
}

/** A question to a container. Hosts default to the pod itself; a port that is still text is a name none of the container's ports has. */
export type PlannedCheck =
  | { readonly type: 'exec'; readonly command: readonly string[] }
  | {
      readonly type: 'http';
      readonly scheme: 'http' | 'https';
      readonly host?: string | undefined;
      readonly port: number | string;
      readonly path: string;
      readonly headers: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly type: 'tcp'; readonly host?: string | undefined; readonly port: number | string }
  /** Only Kubernetes asks it. */
  | { readonly type: 'grpc'; readonly port: number; readonly service: string };

/** A check asked again and again; as many answers in a row as the thresholds say change what is thought of the container. */
export interface PlannedProbe {
  readonly check: PlannedCheck;
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** Between TERM and KILL for a container that it has ended; absent: the pod's own, 30 s. */
  readonly graceMs?: number | undefined;
}

export type PlannedHook = Extract<PlannedCheck, { type: 'exec' | 'http' }> | { readonly type: 'sleep'; readonly ms: number };

export interface PlannedSidecar extends PlannedContainer {
  /** What only a cluster understands: `ports`, `stdin`. */
  readonly passedOn?: Readonly<Record<string, unknown>> | undefined;
  /** The first step waits for it to pass. */
  readonly readinessProbe?: PlannedProbe | undefined;
  /** The others begin when it has passed; a container that fails it is ended. */
  readonly startupProbe?: PlannedProbe | undefined;
  /** A container that fails it is ended. */
  readonly livenessProbe?: PlannedProbe | undefined;
  /** Once the container runs, before any probe; a container whose hook fails is ended. */
  readonly postStart?: PlannedHook | undefined;
  /** Before TERM, within the same grace time. */
  readonly preStop?: PlannedHook | undefined;
}
