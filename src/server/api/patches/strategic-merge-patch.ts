import { listKind } from '../../../resources/list-keys.ts';
import { sameValue } from '../../../resources/same-value.ts';

/** The patch cannot be carried out; the message says where. */
export class StrategicPatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StrategicPatchError';
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Kubernetes' strategic merge patch: a merge patch that merges some lists by a key, with the directives `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList` and `$setElementOrder` (apimachinery pkg/util/strategicpatch). Depth is bounded by the body's scan.
 */
export function applyStrategicMergePatch(target: unknown, patch: Fields): unknown {
  return mergeFields(isFields(target) ? target : {}, patch, '');
}

function mergeFields(target: Fields, patch: Fields, path: string): Fields {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new StrategicPatchError(
      `${path || '(root)'}: unrecognized $patch ${JSON.stringify(directive)}, expected replace, merge or delete`,
    );
  }
  const retained = patch['$retainKeys'];
  const merged = new Map(Object.entries(target).filter(([key]) => !Array.isArray(retained) || retained.includes(key)));
  for (const [key, value] of Object.entries(patch)) {
    const [, operation, list] = /^\$(deleteFromPrimitiveList|setElementOrder)\/(.+)$/.exec(key) ?? [];
    if (operation === 'deleteFromPrimitiveList' && list !== undefined) {
      const current = merged.get(list);
      if (Array.isArray(current) && Array.isArray(value))
        merged.set(
          list,
          current.filter((item) => !value.includes(item)),
        );
    }
    if (key.startsWith('$')) continue;
    const place = path === '' ? key : `${path}.${key}`;
    if (value === null) merged.delete(key);
    else merged.set(key, mergeValue(merged.get(key), value, key, place, patch[`$setElementOrder/${key}`]));
  }
  // An order may be given for a list that does not change otherwise.
  for (const [key, order] of Object.entries(patch)) {
    const list = /^\$setElementOrder\/(.+)$/.exec(key)?.[1];
    const current = list === undefined ? undefined : merged.get(list);
    if (list !== undefined && !Object.hasOwn(patch, list) && Array.isArray(current)) merged.set(list, ordered(current, order, list));
  }
  return Object.fromEntries(merged);
}

function mergeValue(current: unknown, value: unknown, name: string, path: string, order: unknown): unknown {
  if (isFields(value)) return mergeFields(isFields(current) ? current : {}, value, path);
  if (!Array.isArray(value)) return value;
  const list = Array.isArray(current) ? current : [];
  const kind = listKind(name);
  if (kind.type === 'set') return ordered([...new Set([...list, ...value])], order, name);
  if (kind.type === 'atomic') return value;
  return ordered(mergeList(list, value, name, path), order, name);
}

function mergeList(current: readonly unknown[], patch: readonly unknown[], name: string, path: string): readonly unknown[] {
  const elements = patch.filter((element) => !(isFields(element) && element['$patch'] === 'replace' && Object.keys(element).length === 1));
  const merged = elements.length < patch.length ? [] : [...current];
  for (const element of elements) {
    if (!isFields(element)) throw new StrategicPatchError(`${path}: got ${JSON.stringify(element)}, expected an object`);
    const key = keyOf(element, name);
    if (key === undefined) {
      const kind = listKind(name);
      const wanted = kind.type === 'map' ? kind.keys.join(' or ') : '';
      throw new StrategicPatchError(`${path}: map ${JSON.stringify(element)} does not contain declared merge key: ${wanted}`);
    }
    const index = merged.findIndex((candidate) => isFields(candidate) && sameValue(candidate[key], element[key]));
    const found = merged[index];
    if (element['$patch'] === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (isFields(found)) merged[index] = mergeFields(found, element, path);
    else merged.push(mergeFields({}, element, path));
  }
  return merged;
}

/** Elements that the order names come in that order; the others stay behind the one they followed. */
function ordered(list: readonly unknown[], order: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(order)) return list;
  const rankOf = (element: unknown): number =>
    order.findIndex((wanted) => {
      if (!isFields(wanted) || !isFields(element)) return sameValue(wanted, element);
      const key = keyOf(wanted, name);
      return key !== undefined && sameValue(wanted[key], element[key]);
    });
  let last = -1;
  const ranked = list.map((element) => {
    const rank = rankOf(element);
    if (rank >= 0) last = rank;
    return { element, rank: rank >= 0 ? rank : last + 0.5 };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ element }) => element);
}

function keyOf(element: Fields, list: string): string | undefined {
  const kind = listKind(list);
  return kind.type === 'map' ? kind.keys.find((key) => Object.hasOwn(element, key)) : undefined;
}

function withoutDirectives(patch: Fields): Fields {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
