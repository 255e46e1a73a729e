import { type CelNode, childrenOf } from '../../expressions/cel/ast.ts';
import type { PathNode } from '../../expressions/jsonpath/path-node.ts';

/** One extension an expression asks for. */
export interface ExtensionUse {
  readonly name: string;
  /** Inside `has()` or `in`: asking for one that is not there is no error. */
  readonly tested: boolean;
  readonly node: CelNode;
}

export interface ExtensionUses {
  readonly uses: readonly ExtensionUse[];
  /** They are asked for as a whole, or by computed names. */
  readonly all: boolean;
}

export function extensionsInCel(ast: CelNode): ExtensionUses {
  const uses: ExtensionUse[] = [];
  let all = false;
  visit(ast);
  return { uses, all };

  function visit(node: CelNode): void {
    const use = useOf(node);
    if (use !== undefined) uses.push(use);
    else if (node.kind === 'ident' && node.name === 'extensions') all = true;
    else for (const child of childrenOf(node)) visit(child);
  }
}

function useOf(node: CelNode): ExtensionUse | undefined {
  if (node.kind === 'select' && isExtensions(node.operand)) return { name: node.field, tested: node.test, node };
  if (node.kind !== 'call') return undefined;
  const [first, second] = node.args;
  if (node.name === '_[_]' && isExtensions(first)) return named(second, false, node);
  return node.name === '@in' && isExtensions(second) ? named(first, true, node) : undefined;
}

function named(name: CelNode | undefined, tested: boolean, node: CelNode): ExtensionUse | undefined {
  return name?.kind === 'literal' && typeof name.value === 'string' ? { name: name.value, tested, node } : undefined;
}

function isExtensions(node: CelNode | undefined): boolean {
  return node?.kind === 'ident' && node.name === 'extensions';
}

/** Of a binding's path: the extension asked for, or `all`. `nodes` begin behind `extensions`. */
export function extensionInPath([first]: readonly PathNode[]): string | undefined {
  return first?.type === 'field' ? first.name : undefined;
}
