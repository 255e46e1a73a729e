import type { CallNode, CelNode, ComprehensionNode } from '../../../expressions/cel/ast.ts';
import { childrenOf } from '../../../expressions/cel/ast.ts';
import { filterConditions } from '../../interceptors/filter-conditions.ts';
import { type CelSite, celFinding } from '../cel/cel-site.ts';
import type { Finding } from '../finding.ts';
import { checkComparison } from './comparison.ts';
import { type EventScope, narrowed } from './event-scope.ts';
import { bodyOf, element, type PayloadPlace, type PlaceKey, stepInto } from './payload-place.ts';

/** What is known where a sub-expression is evaluated. */
interface Scope {
  readonly events: EventScope;
  /** Of comprehensions; `undefined`: it holds something we do not follow. */
  readonly variables: ReadonlyMap<string, PayloadPlace | undefined>;
}

/**
 * Fields of GitHub's payloads that an expression asks for and no event that may come has, and comparisons that can only turn out one way. An
 * operand of `&&` counts only where its neighbours hold, so that `header.match('X-GitHub-Event', 'push') && body.ref == …` is about pushes.
 */
export function findCelAccess(site: CelSite, ast: CelNode, events: EventScope): readonly Finding[] {
  const findings: Finding[] = [];
  visit(ast, { events, variables: new Map() });
  return findings;

  /** The place in the payload that the value is from, where it is one. */
  function visit(node: CelNode, scope: Scope): PayloadPlace | undefined {
    switch (node.kind) {
      case 'ident':
        if (scope.variables.has(node.name)) return scope.variables.get(node.name);
        return node.name === 'body' ? bodyOf(scope.events) : undefined;
      case 'select': {
        const place = step(node, visit(node.operand, scope), node.field);
        return node.test ? undefined : place;
      }
      case 'call':
        return visitCall(node, scope);
      case 'comprehension':
        return visitComprehension(node, scope);
      default:
        for (const child of childrenOf(node)) visit(child, scope);
        return undefined;
    }
  }

  function visitCall(node: CallNode, scope: Scope): PayloadPlace | undefined {
    const [first, second, third] = node.args;
    switch (node.name) {
      case '_&&_': {
        const inner = narrow(scope, node);
        for (const operand of node.args) visit(operand, inner);
        return undefined;
      }
      case '_?_:_':
        if (first === undefined || second === undefined || third === undefined) return undefined;
        visit(first, scope);
        visit(second, narrow(scope, first));
        visit(third, scope);
        return undefined;
      case '_[_]':
        return first && second && visitIndex(node, first, second, scope);
      case 'first':
      case 'last':
        return node.target && step(node, visit(node.target, scope), element);
      default: {
        const operands = node.target === undefined ? node.args : [node.target, ...node.args];
        const places = operands.map((operand) => visit(operand, scope));
        findings.push(...checkComparison(site, node, places));
        return undefined;
      }
    }
  }

  function visitIndex(node: CelNode, operand: CelNode, index: CelNode, scope: Scope): PayloadPlace | undefined {
    const place = visit(operand, scope);
    if (index.kind === 'literal') return step(node, place, typeof index.value === 'string' ? index.value : element);
    visit(index, scope);
    // Of a computed key nothing is known; a list has one sort of element.
    const isList = place !== undefined && [...place.shapes.values()].every(({ kind }) => kind === 'list');
    return isList ? step(node, place, element) : undefined;
  }

  function visitComprehension(node: ComprehensionNode, scope: Scope): PayloadPlace | undefined {
    const range = visit(node.range, scope);
    const isList = range !== undefined && [...range.shapes.values()].every(({ kind }) => kind === 'list');
    const variable = isList ? step(node.range, range, element) : undefined;
    const inner = { ...scope, variables: new Map([...scope.variables, [node.variable, variable]]) };
    for (const body of [node.predicate, node.transform]) if (body !== undefined) visit(body, inner);
    return node.macro === 'filter' || node.macro === 'sortBy' ? range : undefined;
  }

  function step(node: CelNode, place: PayloadPlace | undefined, key: PlaceKey): PayloadPlace | undefined {
    if (place === undefined) return undefined;
    const result = stepInto(place, key);
    if (result.ok) return result.place;
    const { message, suggestion } = result;
    const span = node.kind === 'select' && !node.test ? { start: node.end - node.field.length, end: node.end } : node;
    findings.push(celFinding(site, span, { severity: 'warning', code: 'github-field', message, suggestion }));
    return undefined;
  }
}

function narrow(scope: Scope, condition: CelNode): Scope {
  return { ...scope, events: narrowed(scope.events, filterConditions(condition)) };
}
