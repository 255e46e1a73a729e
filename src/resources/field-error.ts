/** One thing wrong with a resource, in upstream's (Knative's) words. */
export interface FieldError {
  /** Without the paths: `missing field(s)`, `invalid value: 3`. */
  readonly message: string;
  /** Dotted, with indices and keys in brackets: `spec.tasks[0].params[x].value`. Empty: the whole object, or none can be told. */
  readonly paths: readonly string[];
  /** What to know or do about it; upstream prints it on a line of its own. */
  readonly details?: string | undefined;
}
