import { type CallNode, type CelNode, type IdentNode, walk } from '../../../expressions/cel/ast.ts';
import type { CelEnvironment } from '../../../expressions/cel/environment.ts';
import { qualifiedName } from '../../../expressions/cel/names.ts';
import { tektonTriggersEnvironment } from '../../../expressions/cel/tekton/environment.ts';
import { canonicalHeader } from '../../../expressions/jsonpath/canonical-header.ts';
import { nearest } from '../nearest.ts';
import { type CelSite, quoted, textOf } from './cel-site.ts';

/** What can be said to somebody who wrote a name that there is not. */
export interface Hint {
  readonly suggestion?: string | undefined;
  /** A clause to put behind the message. */
  readonly remark?: string | undefined;
}

/** Names of other tools' expressions, and what stands for them here. */
const variablesMeant: ReadonlyMap<string, string> = new Map([
  ['headers', 'header'],
  ['payload', 'body'],
  ['event', 'body'],
  ['request', 'body'],
  ['data', 'body'],
  ['url', 'requestURL'],
]);

export function nameMeant(site: CelSite, node: IdentNode, ast: CelNode): Hint {
  const dashed = dashedKey(site, node, ast);
  if (dashed !== undefined) return { suggestion: dashed };
  const called = namespacedCall(node, ast);
  if (called !== undefined) return functionMeant(site, called, tektonTriggersEnvironment);
  const known = [...tektonTriggersEnvironment.variables.keys(), ...variablesOf(ast)];
  const suggestion = variablesMeant.get(node.name) ?? nearest(node.name, known);
  if (suggestion !== undefined) return { suggestion };
  return { remark: `there are ${[...tektonTriggersEnvironment.variables.keys()].join(', ')}` };
}

function variablesOf(ast: CelNode): readonly string[] {
  const names: string[] = [];
  walk(ast, (node) => {
    if (node.kind === 'comprehension') names.push(node.variable);
  });
  return names;
}

/** The call of which `node` is the namespace: `base64.decod(…)`. */
function namespacedCall(node: IdentNode, ast: CelNode): CallNode | undefined {
  let found: CallNode | undefined;
  walk(ast, (candidate) => {
    if (candidate.kind === 'call' && candidate.target === node) found = candidate;
  });
  const isNamespace = [...tektonTriggersEnvironment.functions.keys()].some((name) => name.startsWith(`${node.name}.`));
  return isNamespace ? found : undefined;
}

/** `body.a-b` is a subtraction: of `a-b`, without blanks, the key is meant. */
function dashedKey(site: CelSite, ident: IdentNode, ast: CelNode): string | undefined {
  let found: string | undefined;
  walk(ast, (node) => {
    if (found !== undefined || node.kind !== 'call' || node.name !== '_-_') return;
    let left: CelNode | undefined = node;
    while (left?.kind === 'call' && left.name === '_-_') left = left.args[0];
    if (left?.kind !== 'select' || ident.start < left.end || ident.end > node.end) return;
    const key = site.source.slice(left.end - left.field.length, node.end);
    if (!/^[\w-]+$/.test(key)) return;
    const operand = textOf(site, left.operand);
    found = operand === 'header' ? `header.canonical(${quoted(canonicalHeader(key))})` : `${operand}[${quoted(key)}]`;
  });
  return found;
}

/** Functions of other languages and of older Triggers, as they are written in CEL. */
const functionsMeant: ReadonlyMap<string, string> = new Map([
  ['decodeb64', 'base64.decode'],
  ['decodeB64', 'base64.decode'],
  ['length', 'size'],
  ['len', 'size'],
  ['includes', 'contains'],
  ['toLowerCase', 'lowerAscii'],
  ['toLower', 'lowerAscii'],
  ['lower', 'lowerAscii'],
  ['toUpperCase', 'upperAscii'],
  ['toUpper', 'upperAscii'],
  ['upper', 'upperAscii'],
  ['substr', 'substring'],
  ['hasPrefix', 'startsWith'],
  ['hasSuffix', 'endsWith'],
  ['regexMatch', 'matches'],
]);

export const macros: readonly string[] = ['has', 'all', 'exists', 'exists_one', 'map', 'filter', 'sortBy'];

/** An unknown function, or a known one called in a way it is not for. */
export function functionMeant(site: CelSite, node: CallNode, { functions }: CelEnvironment): Hint {
  if (!/^[A-Za-z]/.test(node.name)) return {};
  const args = node.args.map((argument) => textOf(site, argument));
  const target = node.target && textOf(site, node.target);
  const overloads = functions.get(node.name);
  if (overloads !== undefined) {
    // Called the other way round: `truncate(x, 7)` for `x.truncate(7)`.
    const otherWay = overloads.some(
      ({ member, parameters }) => member === (target === undefined) && parameters.length === args.length + (target === undefined ? 0 : 1),
    );
    return otherWay ? { suggestion: call(node.name, target === undefined ? args : [target, ...args], target === undefined) } : {};
  }
  if (macros.includes(node.name))
    return {
      remark:
        node.name === 'has'
          ? 'it takes one selection: has(body.x)'
          : `it takes a variable and an expression: list.${node.name}(x, condition)`,
    };
  const names = [...functions.keys()].filter((name) => /^[A-Za-z]/.test(name));
  const namespaced = node.target === undefined ? undefined : nearest(`${qualifiedName(node.target)}.${node.name}`, names);
  if (namespaced?.includes('.')) return { suggestion: call(namespaced, args, false) };
  const meant =
    functionsMeant.get(node.name) ?? names.find((name) => name.endsWith(`.${node.name}`)) ?? nearest(node.name, [...names, ...macros]);
  if (meant === undefined) return {};
  const member = functions.get(meant)?.some((overload) => overload.member) ?? true;
  return { suggestion: call(meant, target === undefined ? args : [target, ...args], member) };
}

function call(name: string, args: readonly string[], member: boolean): string {
  const [first, ...rest] = args;
  return member && first !== undefined ? `${first}.${name}(${rest.join(', ')})` : `${name}(${args.join(', ')})`;
}
