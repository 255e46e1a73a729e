import type { CelNode } from '../../expressions/cel/ast.ts';
import { canonicalHeader } from '../../expressions/jsonpath/canonical-header.ts';
import type { Condition } from './interceptor.ts';

/**
 * Equalities without which a filter cannot be true: operands of its outermost `&&` that compare a place of the event with literals, and of an `||`
 * what all its sides want of the same place.
 * A place that is missing makes CEL err there, and an erring or false operand of `&&` never becomes true, so that an event whose value is
 * another one, or none, may be passed over without evaluating anything.
 */
export function filterConditions(filter: CelNode): readonly Condition[] {
  if (filter.kind === 'call' && filter.name === '_&&_') return filter.args.flatMap(filterConditions);
  if (filter.kind === 'call' && filter.name === '_||_') return filter.args.map(filterConditions).reduce(either);
  const condition = readCondition(filter);
  return condition === undefined ? [] : [condition];
}

/** One side or the other holds, so that a place which both speak of has a value of one of them. */
function either(left: readonly Condition[], right: readonly Condition[]): readonly Condition[] {
  return left.flatMap((condition) => {
    const other = right.find(({ root, path }) => root === condition.root && path.join('\u0000') === condition.path.join('\u0000'));
    return other === undefined ? [] : [{ ...condition, values: [...condition.values, ...other.values] }];
  });
}

function readCondition(node: CelNode): Condition | undefined {
  if (node.kind !== 'call') return undefined;
  const [left, right] = node.args;
  switch (node.name) {
    case '_==_':
      return equality(left, right) ?? equality(right, left);
    case '@in': {
      const place = placeOf(left);
      const values = right?.kind === 'list' ? right.elements.map(scalarOf) : [];
      return place && values.length > 0 && values.every((value) => value !== undefined) ? { ...place, values } : undefined;
    }
    case 'match': {
      const [name, value] = [left, right].map(textOf);
      if (!isVariable(node.target, 'header') || name === undefined || value === undefined) return undefined;
      return { root: 'header', path: [canonicalHeader(name)], values: [value] };
    }
    default:
      return undefined;
  }
}

function equality(place: CelNode | undefined, literal: CelNode | undefined): Condition | undefined {
  const found = placeOf(place);
  const value = scalarOf(literal);
  return found && value !== undefined ? { ...found, values: [value] } : undefined;
}

type Place = Pick<Condition, 'root' | 'path'>;

/** `body.a['b']`, `header['X-Y'][0]`, `header.canonical('x-y')`. */
export function placeOf(node: CelNode | undefined): Place | undefined {
  if (node?.kind === 'call' && node.name === 'canonical') {
    const name = textOf(node.args[0]);
    return isVariable(node.target, 'header') && name !== undefined ? { root: 'header', path: [canonicalHeader(name)] } : undefined;
  }
  if (node?.kind === 'call' && node.name === '_[_]' && scalarOf(node.args[1]) === 0) {
    const path = pathBelow(node.args[0], 'header');
    return path?.length === 1 ? { root: 'header', path } : undefined;
  }
  const path = pathBelow(node, 'body');
  return path !== undefined && path.length > 0 ? { root: 'body', path } : undefined;
}

function pathBelow(node: CelNode | undefined, variable: string): readonly string[] | undefined {
  if (isVariable(node, variable)) return [];
  if (node?.kind === 'select' && !node.test) return append(pathBelow(node.operand, variable), node.field);
  if (node?.kind !== 'call' || node.name !== '_[_]') return undefined;
  const key = textOf(node.args[1]);
  return key === undefined ? undefined : append(pathBelow(node.args[0], variable), key);
}

function append(path: readonly string[] | undefined, key: string): readonly string[] | undefined {
  return path && [...path, key];
}

export function isVariable(node: CelNode | undefined, name: string): boolean {
  return node?.kind === 'ident' && node.name === name;
}

function textOf(node: CelNode | undefined): string | undefined {
  return node?.kind === 'literal' && typeof node.value === 'string' ? node.value : undefined;
}

/** Integers compare with JSON's doubles by value; those a double cannot hold are left to CEL. */
function scalarOf(node: CelNode | undefined): string | number | boolean | undefined {
  if (node?.kind !== 'literal') return undefined;
  const { value } = node;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  return undefined;
}
