import { includes } from './equality.ts';
import { Failure, invalidArgument, noSuchKey, noSuchOverload, type Result } from './failure.ts';
import { formatDouble } from './format-double.ts';
import { type Budget, spendRead } from './limits.ts';
import { findKey } from './maps.ts';
import { type CelList, type CelValue, isList, isMap, isPlainObject, typeNameOf, Uint } from './values.ts';

/** `operand.field`. A scalar has no keys, which is no other error than a missing key. */
export function select(operand: CelValue, field: string): Result {
  if (isPlainObject(operand)) {
    const value = Object.hasOwn(operand, field) ? operand[field] : undefined;
    return value === undefined ? noSuchKey(field) : value;
  }
  return indexFree(operand, field);
}

/** `has(operand.field)`: a key whose value is null is present; a scalar has none; a list cannot be asked. */
export function has(operand: CelValue, field: string): Result {
  if (isMap(operand)) return findKey(operand, field) !== undefined;
  return isList(operand) ? unsupportedIndex(field) : false;
}

/** `operand[key]`. */
export function index(operand: CelValue, key: CelValue, budget: Budget): Result {
  const spent = typeof key === 'string' ? spendRead(budget, key.length) : undefined;
  if (spent) return spent;
  return indexFree(operand, key);
}

function indexFree(operand: CelValue, key: CelValue): Result {
  if (isMap(operand)) {
    const value = findKey(operand, key);
    return value === undefined ? noSuchKey(keyText(key)) : value;
  }
  return isList(operand) ? element(operand, key) : noSuchKey(keyText(key));
}

function element(list: CelList, key: CelValue): Result {
  // Of the payload's objects nothing is asked: their `valueOf` and `toString` are keys like any other.
  if (typeof key !== 'number' && typeof key !== 'bigint' && !(key instanceof Uint)) return unsupportedIndex(key);
  const position = Number(key instanceof Uint ? key.value : key);
  if (!Number.isInteger(position)) return invalidArgument(`unsupported index value ${keyText(key)} in list`);
  const value = position >= 0 ? list[position] : undefined;
  return value === undefined ? new Failure('IndexOutOfBounds', `index out of bounds: ${keyText(key)}`) : value;
}

function unsupportedIndex(key: CelValue): Failure {
  return invalidArgument(`unsupported index type '${typeNameOf(key)}' in list`);
}

function keyText(key: CelValue): string {
  if (typeof key === 'number') return formatDouble(key, 21);
  if (key instanceof Uint) return String(key.value);
  return typeof key === 'object' && key !== null ? typeNameOf(key) : String(key);
}

/** `value in container`: an element of a list, a key of a map. */
export function isIn(value: CelValue, container: CelValue, budget: Budget): Result {
  if (isList(container)) return includes(container, value, budget);
  const spent = typeof value === 'string' ? spendRead(budget, value.length) : undefined;
  if (spent) return spent;
  return isMap(container) ? findKey(container, value) !== undefined : noSuchOverload();
}
