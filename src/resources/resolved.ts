/** What became of a reference to a Task, Pipeline or StepAction: found, not to be had, or still being fetched. */
export type Resolved<T> =
  | { readonly type: 'found'; readonly object: T }
  /** `message` is upstream's: `tasks.tekton.dev "x" not found`. */
  | { readonly type: 'missing'; readonly message: string }
  | { readonly type: 'pending' };
