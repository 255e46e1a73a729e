/** A template as a tree: the part of Go's text/template that the chart is written in (and not `break`, `continue`, `block`, comparisons of floats). */
export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly pipeline: Pipeline; readonly line: number }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: Nodes;
      readonly otherwise: Nodes;
      readonly line: number;
    };

export type Nodes = readonly Node[];

/** `$a, $b := command | command` */
export interface Pipeline {
  readonly variables: readonly string[];
  /** `=`: the variables are there already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** What is called, or the value itself, and its arguments; a pipeline hands on its value as the last one. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly type: 'literal'; readonly value: string | number | bigint | boolean | null }
  | { readonly type: 'dot' }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly type: 'field'; readonly of: Operand; readonly name: string };

/** `name` is the file's. The message says what was expected. */
export class TemplateError extends Error {
  readonly code = 'InvalidTemplate';

  constructor(name: string, line: number, problem: string) {
    super(`${name}:${line}: ${problem}`);
    this.name = 'TemplateError';
  }
}
