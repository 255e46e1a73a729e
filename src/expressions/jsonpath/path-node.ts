/** The steps of a path, left to right. Each takes a list of values and gives a list of values. */
export type PathNode =
  /** Key of a map or field of a struct. */
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  /** `..` */
  | { readonly type: 'recursive' }
  | SliceNode
  /** `[0,1]`, `['a','b']` */
  | { readonly type: 'union'; readonly paths: readonly (readonly PathNode[])[] }
  | FilterNode
  /** Replaces its whole input by one text. */
  | { readonly type: 'text'; readonly text: string }
  /** Replaces each value of its input. Integers are bigint, so that they stay apart from JSON's float64. */
  | { readonly type: 'literal'; readonly value: bigint | number | boolean }
  /** A bare word. Only an error, and only when it is reached. */
  | { readonly type: 'identifier'; readonly name: string };

/** `[n]`, `[a:b:c]`, `[*]`. Absent bounds mean from the start, to the end, every one. */
export interface SliceNode {
  readonly type: 'slice';
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** `end` was not written but is `start + 1`, so that `[-1]` reaches the last element. */
  readonly single: boolean;
  readonly step?: number | undefined;
}

/** `[?(…)]`. Without operator: the left path must lead somewhere. */
export interface FilterNode {
  readonly type: 'filter';
  readonly left: readonly PathNode[];
  readonly operator?: string | undefined;
  readonly right: readonly PathNode[];
}
