export type Severity =
  /** The trigger cannot fire, or not do what it is for, whatever event comes. */
  | 'error'
  /** It may work, but looks wrong or has no effect. */
  | 'warning';

/** Identity of a finding. The text may change, the code may not. */
export type FindingCode =
  | 'cel-syntax'
  | 'cel-type'
  | 'cel-undeclared'
  | 'cel-program'
  | 'integer-arithmetic'
  | 'header-name'
  | 'header-list'
  | 'header-receiver'
  | 'secret-namespace'
  | 'filter-not-boolean'
  | 'filter-constant'
  | 'never-fires'
  | 'overlay-key'
  | 'overlay-type'
  | 'overlay-unused'
  | 'extension-missing'
  | 'interceptor-unknown'
  | 'param-unknown'
  | 'param-value'
  | 'param-repeated'
  | 'event-type'
  | 'unsigned'
  | 'github-field'
  | 'github-value'
  | 'path-syntax'
  | 'path-never-found'
  | 'path-filter'
  | 'path-key'
  | 'binding-text'
  | 'binding-duplicate'
  | 'binding-unused'
  | 'param-unbound'
  | 'template-placeholder'
  | 'template-object'
  | 'template-kind'
  | 'template-annotation'
  | 'not-found';

/** Where in an expression, in UTF-16 units. */
export interface Excerpt {
  readonly source: string;
  readonly offset: number;
  readonly length: number;
}

/** One thing that admission lets pass and that will not do what its author means. */
export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** In the object as admitted: `spec.triggers[0].interceptors[1].params[filter].value`. */
  readonly path: string;
  /** What is wrong, in one clause. */
  readonly message: string;
  /** What was probably meant, as it is written. */
  readonly suggestion?: string | undefined;
  readonly excerpt?: Excerpt | undefined;
}

/** `spec.params[0].value: … has no body.x (in Trigger build); did you mean y?` `usedBy`: where it does not work, if not everywhere. */
export function findingText({ severity, path, message, suggestion }: Finding, usedBy?: string): string {
  const where = usedBy === undefined ? '' : ` (in ${usedBy})`;
  const meant = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  return `${severity === 'error' ? 'error: ' : ''}${path === '' ? '' : `${path}: `}${message}${where}${meant}`;
}
