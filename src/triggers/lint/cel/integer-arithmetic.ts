import type { CallNode, CelNode } from '../../../expressions/cel/ast.ts';
import { childrenOf } from '../../../expressions/cel/ast.ts';
import type { Finding } from '../finding.ts';
import { type CelSite, celFinding, textOf } from './cel-site.ts';

const operators: Readonly<Record<string, string>> = { '_+_': '+', '_-_': '-', '_*_': '*', '_/_': '/', '_%_': '%' };

/**
 * Numbers of a payload are doubles, and CEL adds no int to a double: `body.a + 1` is `no such overload` for every event. Comparing them is
 * fine.
 */
export function findIntegerArithmetic(site: CelSite, ast: CelNode): readonly Finding[] {
  const findings: Finding[] = [];
  visit(ast, new Set(['body', 'extensions', 'header']));
  return findings;

  /** `fromEvent`: variables that hold parts of the event. */
  function visit(node: CelNode, fromEvent: ReadonlySet<string>): void {
    if (node.kind === 'call') check(node, fromEvent);
    if (node.kind !== 'comprehension') {
      for (const child of childrenOf(node)) visit(child, fromEvent);
      return;
    }
    visit(node.range, fromEvent);
    const inner = new Set(fromEvent);
    if (isPartOfEvent(node.range, fromEvent)) inner.add(node.variable);
    else inner.delete(node.variable);
    for (const body of [node.predicate, node.transform]) if (body !== undefined) visit(body, inner);
  }

  function check(node: CallNode, fromEvent: ReadonlySet<string>): void {
    const operator = operators[node.name];
    const [left, right] = node.args;
    if (operator === undefined || left === undefined || right === undefined) return;
    const [part, integer] = isPartOfEvent(left, fromEvent) ? [left, right] : [right, left];
    if (!isPartOfEvent(part, fromEvent) || !isInteger(integer)) return;
    const converted = operator === '%' || integer.kind !== 'literal' ? `int(${textOf(site, part)})` : textOf(site, part);
    const other = operator === '%' || integer.kind !== 'literal' ? textOf(site, integer) : `${textOf(site, integer)}.0`;
    const suggestion = part === left ? `${converted} ${operator} ${other}` : `${other} ${operator} ${converted}`;
    const message = `numbers of an event are doubles, which do not mix with the int ${textOf(site, integer)}: this always fails`;
    findings.push(celFinding(site, node, { severity: 'error', code: 'integer-arithmetic', message, suggestion }));
  }
}

function isPartOfEvent(node: CelNode, fromEvent: ReadonlySet<string>): boolean {
  if (node.kind === 'ident') return fromEvent.has(node.name);
  if (node.kind === 'select') return !node.test && isPartOfEvent(node.operand, fromEvent);
  return node.kind === 'call' && node.name === '_[_]' && node.args[0] !== undefined && isPartOfEvent(node.args[0], fromEvent);
}

function isInteger(node: CelNode): boolean {
  if (node.kind === 'literal') return typeof node.value === 'bigint';
  return node.kind === 'call' && (node.name === 'int' || node.name === 'size');
}
