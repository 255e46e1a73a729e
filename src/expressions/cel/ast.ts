import type { CelValue } from './values.ts';

/**
 * The expression tree. `start` and `end` are the range of the sub-expression in the source (UTF-16 units, parentheses around it not
 * included); `at` is where cel-go reports an error of it (the operator, the opening parenthesis of a call, the dot of a selection).
 */
interface NodeBase {
  /** Position in evaluation order of construction; unique in its tree, from 0. */
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly at: number;
  /** Height of the tree below, 1 for a leaf. */
  readonly depth: number;
  /** Nodes in this tree, itself included. */
  readonly size: number;
}

export interface LiteralNode extends NodeBase {
  readonly kind: 'literal';
  readonly value: CelValue;
}

/** `name` keeps a leading dot. */
export interface IdentNode extends NodeBase {
  readonly kind: 'ident';
  readonly name: string;
}

/** `operand.field`, or `has(operand.field)` when `test` is set. */
export interface SelectNode extends NodeBase {
  readonly kind: 'select';
  readonly operand: CelNode;
  readonly field: string;
  readonly test: boolean;
}

/**
 * Operators are calls with cel-go's names: `_==_`, `_+_`, `!_`, `-_`, `_?_:_`, `_[_]`, `@in`. `_&&_` and `_||_` hold a whole chain in
 * `args` (two or more), so that long chains stay flat.
 */
export interface CallNode extends NodeBase {
  readonly kind: 'call';
  readonly name: string;
  readonly target: CelNode | undefined;
  readonly args: readonly CelNode[];
}

export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly elements: readonly CelNode[];
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: CelNode; readonly value: CelNode }[];
}

/** `google.protobuf.Duration{seconds: 1}`. */
export interface MessageNode extends NodeBase {
  readonly kind: 'message';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly at: number; readonly value: CelNode }[];
}

/** `sortBy` is cel-go's lists extension: its transform gives the key to sort by. */
export type Macro = 'all' | 'exists' | 'exists_one' | 'map' | 'filter' | 'sortBy';

/** A macro over a list's elements or a map's keys. `map` may have a predicate; only `map` and `sortBy` have a transform. */
export interface ComprehensionNode extends NodeBase {
  readonly kind: 'comprehension';
  readonly macro: Macro;
  readonly range: CelNode;
  readonly variable: string;
  readonly predicate: CelNode | undefined;
  readonly transform: CelNode | undefined;
}

export type CelNode = LiteralNode | IdentNode | SelectNode | CallNode | ListNode | MapNode | MessageNode | ComprehensionNode;

export function childrenOf(node: CelNode): readonly CelNode[] {
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [node.operand];
    case 'call':
      return node.target ? [node.target, ...node.args] : node.args;
    case 'list':
      return node.elements;
    case 'map':
      return node.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'message':
      return node.fields.map((field) => field.value);
    case 'comprehension':
      return [node.range, node.predicate, node.transform].filter((child) => child !== undefined);
  }
}

/** Visits `node` and everything below it, parents first, in source order of children. */
export function walk(node: CelNode, visit: (node: CelNode) => void): void {
  visit(node);
  for (const child of childrenOf(node)) walk(child, visit);
}

/** Distributes over node kinds, so that an object literal without the bookkeeping fields keeps its discriminant. */
type WithoutBase<T> = T extends CelNode
  ? Omit<T, keyof NodeBase> & { readonly start: number; readonly end: number; readonly at: number }
  : never;
export type NodeShape = WithoutBase<CelNode>;

/** Adds id, depth and size. */
export function makeNode(id: number, shape: NodeShape): CelNode {
  const node = { ...shape, id, depth: 0, size: 0 } as CelNode;
  let depth = 0;
  let size = 1;
  for (const child of childrenOf(node)) {
    depth = Math.max(depth, child.depth);
    size += child.size;
  }
  return { ...node, depth: depth + 1, size };
}
