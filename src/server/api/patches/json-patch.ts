import { sameValue } from '../../../resources/same-value.ts';

/** Why a JSON patch cannot be carried out. The message names the operation by its number. */
export class JsonPatchError extends Error {
  /** The patch itself is at fault, not what it met. */
  readonly malformed: boolean;

  constructor(message: string, malformed: boolean) {
    super(message);
    this.name = 'JsonPatchError';
    this.malformed = malformed;
  }
}

/** As the API server's limit (apiserver `maxJSONPatchOperations`). */
const MAX_OPERATIONS = 10_000;

type Step = (document: unknown, pointer: readonly string[]) => unknown;

/** RFC 6902. Gives the new document and leaves `target` alone; throws `JsonPatchError` at the first operation that cannot be done. */
export function applyJsonPatch(target: unknown, patch: readonly unknown[]): unknown {
  if (patch.length > MAX_OPERATIONS) {
    throw new JsonPatchError(`a JSON patch may have ${MAX_OPERATIONS} operations at most, this one has ${patch.length}`, true);
  }
  return patch.reduce<unknown>((document, operation, index) => {
    const at = `operation ${index}`;
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw new JsonPatchError(`${at}: expected an object with op and path`, true);
    }
    return applyOperation(document, new Map(Object.entries(operation)), at);
  }, target);
}

function applyOperation(document: unknown, operation: ReadonlyMap<string, unknown>, at: string): unknown {
  const path = pointerOf(operation.get('path'), `${at}: path`);
  const value = (): unknown => {
    if (operation.has('value')) return operation.get('value');
    throw new JsonPatchError(`${at}: value: required`, true);
  };
  const from = (): readonly string[] => pointerOf(operation.get('from'), `${at}: from`);
  const op = operation.get('op');
  switch (op) {
    case 'add':
      return change(document, path, at, put(value(), at));
    case 'remove':
      return change(document, path, at, take(at));
    case 'replace':
      return change(document, path, at, replace(value(), at));
    case 'copy':
      return change(document, path, at, put(find(document, from(), at), at));
    case 'move': {
      const moved = find(document, from(), at);
      if (isWithin(path, from())) throw new JsonPatchError(`${at}: cannot move a value into itself`, true);
      return change(change(document, from(), at, take(at)), path, at, put(moved, at));
    }
    case 'test':
      if (sameValue(path.length === 0 ? document : valueBelow(find(document, path.slice(0, -1), at), path.at(-1)), value()))
        return document;
      throw new JsonPatchError(`${at}: testing value ${shown(path)} failed`, false);
    default:
      throw new JsonPatchError(`${at}: op: got ${JSON.stringify(op)}, expected add, remove, replace, move, copy or test`, true);
  }
}

/** A copy of the containers on the way, with `step` applied to the last one. The empty pointer means the document as a whole. */
function change(document: unknown, path: readonly string[], at: string, step: Step): unknown {
  if (path.length <= 1) return step(document, path);
  const [key = '', ...rest] = path;
  const next = child(document, key);
  if (next === undefined) throw new JsonPatchError(`${at}: nothing at ${shown(path.slice(0, -1))}`, false);
  const changed = change(next.value, rest, at, step);
  if (Array.isArray(document)) return document.with(Number(key), changed);
  return fromEntries(new Map(Object.entries(document as object)).set(key, changed));
}

function put(value: unknown, at: string): Step {
  return (container, [key]) => {
    if (key === undefined) return value;
    if (Array.isArray(container)) {
      const index = key === '-' ? container.length : indexOf(key);
      if (index === undefined || index > container.length) {
        throw new JsonPatchError(`${at}: cannot add at index ${key} of a list of ${container.length}`, false);
      }
      return container.toSpliced(index, 0, value);
    }
    if (typeof container === 'object' && container !== null) return fromEntries(new Map(Object.entries(container)).set(key, value));
    throw new JsonPatchError(`${at}: cannot add ${JSON.stringify(key)} to ${JSON.stringify(container)}`, false);
  };
}

/**
 * A member that an object does not have is added, as the API server does it: `tkn pipelinerun cancel` replaces a `spec.status` that no run in progress has.
 * Source: evanphx/json-patch v4, `partialDoc.get`; seen of Kubernetes 1.36.
 */
function replace(value: unknown, at: string): Step {
  return (container, pointer) => {
    const removed = Array.isArray(container) && pointer.length > 0 ? take(at)(container, pointer) : container;
    return put(value, at)(removed, pointer);
  };
}

function take(at: string): Step {
  return (container, pointer) => {
    const [key] = pointer;
    if (key === undefined) throw new JsonPatchError(`${at}: the whole document cannot be removed`, false);
    if (child(container, key) === undefined) throw new JsonPatchError(`${at}: nothing at ${JSON.stringify(key)} to remove`, false);
    if (Array.isArray(container)) return container.toSpliced(Number(key), 1);
    const entries = new Map(Object.entries(container as object));
    entries.delete(key);
    return fromEntries(entries);
  };
}

function find(document: unknown, path: readonly string[], at: string): unknown {
  let value = document;
  for (const [index, key] of path.entries()) {
    const next = child(value, key);
    if (next === undefined) throw new JsonPatchError(`${at}: nothing at ${shown(path.slice(0, index + 1))}`, false);
    value = next.value;
  }
  return value;
}

/** A member that is not there is `null`, as the API server has it. */
function valueBelow(container: unknown, key = ''): unknown {
  return child(container, key)?.value ?? null;
}

function child(container: unknown, key: string): { readonly value: unknown } | undefined {
  if (Array.isArray(container)) {
    const index = indexOf(key);
    return index !== undefined && index < container.length ? { value: container[index] } : undefined;
  }
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, key)) return undefined;
  return { value: Reflect.get(container, key) };
}

function indexOf(key: string): number | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : undefined;
}

function pointerOf(pointer: unknown, what: string): readonly string[] {
  if (pointer === '') return [];
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) {
    throw new JsonPatchError(`${what}: got ${JSON.stringify(pointer)}, expected a JSON pointer like /metadata/labels`, true);
  }
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isWithin(path: readonly string[], ancestor: readonly string[]): boolean {
  return path.length > ancestor.length && ancestor.every((key, index) => path[index] === key);
}

function shown(path: readonly string[]): string {
  return JSON.stringify(`/${path.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`);
}

/** Defines own properties whatever their names are. */
function fromEntries(entries: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(entries);
}
