import { functions } from './functions.ts';
import type { Template } from './parse-template.ts';
import { type Command, type Node, type Nodes, type Operand, type Pipeline, TemplateError } from './syntax.ts';
import { isTrue, printed, sortedKeys, type Value } from './value.ts';

/** Includes within includes; a template that includes itself ends here. */
const DEEPEST = 100;

type Block = Exclude<Node, { readonly type: 'text' | 'action' }>;

interface Frame {
  readonly file: string;
  readonly dot: Value;
  /** By name with its `$`; an inner frame's shadow an outer one's. */
  readonly variables: Map<string, Value>;
  readonly outer: Frame | undefined;
  readonly depth: number;
}

/** Renders one file; `defines` are those of all files. Throws `TemplateError` with file and line. */
export function renderTemplate(
  template: Template,
  defines: ReadonlyMap<string, { readonly file: string; readonly body: Nodes }>,
  data: Value,
): string {
  return renderBody(template.name, template.body, data, 0);

  function renderBody(file: string, body: Nodes, dot: Value, depth: number): string {
    const frame: Frame = { file, dot, variables: new Map([['$', dot]]), outer: undefined, depth };
    return renderAll(body, frame);
  }

  function render(node: Node, frame: Frame): string {
    if (node.type === 'text') return node.text;
    try {
      if (node.type !== 'action') return node.type === 'range' ? renderRange(node, frame) : renderBlock(node, frame);
      const value = evaluate(node.pipeline, frame);
      return node.pipeline.variables.length > 0 ? '' : printed(value);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      throw new TemplateError(frame.file, node.line, error instanceof Error ? error.message : String(error));
    }
  }

  function renderBlock(node: Block, frame: Frame): string {
    const inner = innerFrame(frame, frame.dot);
    const value = evaluate(node.pipeline, inner);
    const dot = node.type === 'with' && isTrue(value) ? value : frame.dot;
    return renderAll(isTrue(value) ? node.body : node.otherwise, { ...inner, dot });
  }

  function renderRange(node: Block, frame: Frame): string {
    const { variables, commands } = node.pipeline;
    const entries = entriesOf(evaluate({ variables: [], assigns: false, commands }, frame));
    if (entries.length === 0) return renderAll(node.otherwise, innerFrame(frame, frame.dot));
    const [first, second] = variables;
    return entries
      .map(([key, value]) => {
        const inner = innerFrame(frame, value);
        if (first !== undefined) inner.variables.set(first, second === undefined ? value : key);
        if (second !== undefined) inner.variables.set(second, value);
        return renderAll(node.body, inner);
      })
      .join('');
  }

  function renderAll(nodes: Nodes, frame: Frame): string {
    return nodes.map((node) => render(node, frame)).join('');
  }

  function evaluate(pipeline: Pipeline, frame: Frame): Value {
    let value: Value;
    pipeline.commands.forEach((command, index) => {
      value = call(command, index === 0 ? [] : [value], frame);
    });
    const [name] = pipeline.variables;
    if (name !== undefined) (pipeline.assigns ? frameOf(name, frame) : frame).variables.set(name, value);
    return value;
  }

  function call([first, ...operands]: Command, piped: readonly Value[], frame: Frame): Value {
    if (first.type === 'function') return callFunction(first.name, operands, piped, frame);
    const value = operandValue(first, frame);
    const args = [...operands.map((operand) => operandValue(operand, frame)), ...piped];
    if (typeof value === 'function') return value(...args);
    if (args.length > 0) throw new Error(`${describe(first)} is no function and takes no arguments`);
    return value;
  }

  function callFunction(name: string, operands: readonly Operand[], piped: readonly Value[], frame: Frame): Value {
    if (name === 'and' || name === 'or') {
      // What decides ends it: the operands behind it are not looked at.
      let value: Value;
      for (const operand of [...operands, ...piped.map((given) => () => given)]) {
        value = typeof operand === 'function' ? operand() : operandValue(operand, frame);
        if (isTrue(value) === (name === 'or')) break;
      }
      return value;
    }
    const args = [...operands.map((operand) => operandValue(operand, frame)), ...piped];
    if (name === 'include') return include(printed(args[0]), args[1], frame);
    const known = functions.get(name);
    if (known === undefined)
      throw new Error(`there is no function "${name}" here; there are ${[...functions.keys()].join(', ')}, and, or, include`);
    return known(...args);
  }

  function include(name: string, dot: Value, frame: Frame): string {
    const defined = defines.get(name);
    if (defined === undefined) throw new Error(`there is no template "${name}"`);
    if (frame.depth >= DEEPEST) throw new Error(`"${name}" is included ${DEEPEST} times in itself`);
    return renderBody(defined.file, defined.body, dot, frame.depth + 1);
  }

  function operandValue(operand: Operand, frame: Frame): Value {
    switch (operand.type) {
      case 'literal':
        return operand.value;
      case 'dot':
        return frame.dot;
      case 'variable':
        return frameOf(operand.name, frame).variables.get(operand.name);
      case 'pipeline':
        return evaluate(operand.pipeline, frame);
      case 'function':
        return callFunction(operand.name, [], [], frame);
      case 'field': {
        const of = operandValue(operand.of, frame);
        if (of instanceof Map) return of.get(operand.name);
        throw new Error(
          `${describe(operand)}: ${describe(operand.of)} is ${of === undefined || of === null ? 'nothing' : `a ${typeof of}`}, expected a mapping`,
        );
      }
    }
  }
}

function innerFrame(outer: Frame, dot: Value): Frame {
  return { ...outer, dot, variables: new Map(), outer };
}

function frameOf(name: string, frame: Frame): Frame {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.outer) if (at.variables.has(name)) return at;
  throw new Error(`undefined variable ${name}`);
}

function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value instanceof Map) return sortedKeys(value).map((key) => [key, value.get(key)] as const);
  if (Array.isArray(value)) return value.map((item, index) => [BigInt(index), item] as const);
  if (value === undefined || value === null) return [];
  throw new Error(`range cannot go over ${JSON.stringify(printed(value))}, expected a list or a mapping`);
}

/** As it is written. */
function describe(operand: Operand): string {
  if (operand.type === 'field') return operand.of.type === 'dot' ? `.${operand.name}` : `${describe(operand.of)}.${operand.name}`;
  return operand.type === 'variable' ? operand.name : operand.type === 'dot' ? '.' : 'the value in parentheses';
}
