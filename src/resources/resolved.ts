import type { RefSource } from './status.ts';

/** What became of a reference to a Task, Pipeline or StepAction: found, not to be had, or still being fetched. */
export type Resolved<T> =
  /** `refSource`: where a resolver had it from. */
  | { readonly type: 'found'; readonly object: T; readonly refSource?: RefSource | undefined }
  /** `message` is upstream's: `tasks.tekton.dev "x" not found`, `error requesting remote resource: …`. */
  | { readonly type: 'missing'; readonly message: string }
  /** A resolver fetched it, and it would be refused if it were applied. */
  | { readonly type: 'invalid'; readonly message: string }
  | { readonly type: 'pending' };
