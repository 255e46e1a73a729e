import type { CelNode, ComprehensionNode } from './ast.ts';
import type { Reference } from './checker.ts';
import type { Failure, Result } from './failure.ts';
import type { Frame } from './frame.ts';
import type { CelValue } from './values.ts';

/** A compiled sub-expression. */
export type Evaluate = (frame: Frame) => Result;

/** What the parts of the compiler need of it. */
export interface Compilation {
  node(node: CelNode): Evaluate;
  referenceOf(node: CelNode): Reference | undefined;
  /** Where a comprehension keeps its variable. */
  newSlot(node: ComprehensionNode): number;
  /** Notes a constant argument that can never work. */
  fail(failure: Failure): void;
  /** The value of a literal, or of what was converted from one while compiling. */
  constantOf(node: CelNode): CelValue | undefined;
  keepConstant(node: CelNode, value: CelValue): void;
  /** Whether the result of every node is recorded. */
  readonly traced: boolean;
  /** For calls that are made while compiling, all of which it accounts for. */
  readonly constantFrame: Frame;
}
