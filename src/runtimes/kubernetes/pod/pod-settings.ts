import type { LimitRange } from '../../../resources/core/limit-range/schema.ts';
import type { ComputeResources } from '../../../resources/core/pod-fields.ts';

/** How pods are made, beyond what a plan says. */
export interface PodSettings {
  /** Holds a static busybox at `/bin/busybox`: it runs in images of every kind. */
  readonly toolsImage: string;
  /**
   * How busybox comes into a step's container: as a volume that is the image itself, which costs nothing and needs Kubernetes 1.36 (or 1.33 with
   * `ImageVolume`) and a container runtime that knows of it; or copied by an init container, which costs every pod about a second.
   */
  readonly delivery: 'image-volume' | 'init-container';
  /** Containers of ours, beside the user's, are held to the `restricted` pod security standard. */
  readonly restrictsOwnContainers: boolean;
  readonly readOnlyRoot: boolean;
  /** `default-container-resource-requirements`, for containers of ours; a plan's have theirs already. */
  readonly containerDefaults?: Readonly<Record<string, ComputeResources>> | undefined;
}

/** What an image runs when nobody says anything else. */
export interface ImageCommand {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

/** What was found out about one pod before it is made. */
export interface PodFacts {
  /** By container, for those that name no command. */
  readonly imageCommands: ReadonlyMap<string, ImageCommand>;
  /** Paths below the home that credentials belong at, each a key of a Secret that was made for this pod. */
  readonly credentials?:
    | { readonly secretName: string; readonly files: readonly { readonly key: string; readonly path: string }[] }
    | undefined;
  /** The node of the last pod of the same group. */
  readonly lastNode?: string | undefined;
  /** Of the pod's namespace. */
  readonly limitRanges?: readonly LimitRange[] | undefined;
}
