import type { ComputeResources, PodTemplate, SecurityContext } from '../resources/core/pod-fields.ts';
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
  /** `false`: the first step does not wait for the sidecars (`await-sidecar-readiness`). */
  readonly awaitSidecars?: false | undefined;
  /** Names of the files under `/tekton/results` to report after each step. */
  readonly results: readonly string[];
  readonly podTemplate?: PodTemplate | undefined;
}

interface VolumeBase {
  readonly name: string;
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number | undefined;
}

/** A file with a field of the pod in it: `metadata.labels`, `metadata.name`. */
export interface FieldFile {
  readonly path: string;
  /** Absent: it asks for something else, which `raw` tells. */
  readonly fieldPath?: string | undefined;
  readonly raw?: unknown;
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
  /** csi, nfs and the like: only Kubernetes can serve them. `raw` is the volume as written. */
  | (VolumeBase & { readonly type: 'other'; readonly raw: unknown });

export interface PlannedMount {
  readonly volume: string;
  readonly mountPath: string;
  /** Relative, free of `..`; created when it does not exist. */
  readonly subPath?: string | undefined;
  readonly readOnly: boolean;
}

/** In order; for a repeated name the later entry wins. */
export type PlannedEnv =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: { readonly name: string; readonly key: string; readonly optional: boolean } }
  | { readonly name: string; readonly configMap: { readonly name: string; readonly key: string; readonly optional: boolean } }
  | { readonly name: string; readonly fieldPath: string };

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
}

export interface PlannedSidecar extends PlannedContainer {
  /** Done when the container has started; the first step waits. When it fails the sidecar is killed. */
  readonly postStart?: ProbeCheck | undefined;
  /** Done before the container is told to end. */
  readonly preStop?: ProbeCheck | undefined;
  /** Until it holds the others are not asked, and the first step waits. When it never does the sidecar is killed. */
  readonly startupProbe?: PlannedProbe | undefined;
  /** The first step waits until it holds. */
  readonly readinessProbe?: PlannedProbe | undefined;
  /** When it no longer holds the sidecar is killed; pods of tasks start nothing again. */
  readonly livenessProbe?: PlannedProbe | undefined;
}

/** How often and how patiently a container is asked. Times in milliseconds. */
export interface PlannedProbe {
  readonly check: ProbeCheck;
  /** Since the container's start. */
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  /** So many in a row count. */
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

export type ProbeCheck =
  /** Holds when the command, run beside the container, ends with 0. */
  | { readonly type: 'exec'; readonly command: readonly string[] }
  /** Holds when it is answered with 200 to 399. Certificates are not checked, as by the kubelet. */
  | { readonly type: 'http'; readonly url: string; readonly headers: readonly (readonly [name: string, value: string])[] }
  /** Holds when a connection can be made. */
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  /** Holds when the time is over; hooks only. */
  | { readonly type: 'sleep'; readonly forMs: number }
  /** Never holds; `what` is asked for and cannot be done. */
  | { readonly type: 'unsupported'; readonly what: string };
