import { compareValues } from './compare-values.ts';
import { goPrint, goTypeName } from './go-print.ts';
import type { FilterNode, PathNode, SliceNode } from './path-node.ts';
import { slicePositions } from './slice-positions.ts';

/** Values a path leads to, or the first error on the way. */
export type PathResult = { readonly ok: true; readonly values: readonly unknown[] } | { readonly ok: false; readonly error: string };

export interface Path {
  /** Pure; the data is read, never changed. Own keys only. */
  evaluate(data: unknown): PathResult;
}

/** Paths over foreign JSON may multiply (`..a..b`): what one evaluation may hold at a time, look at in all, and how deep it may descend. */
const maxValues = 100_000;
const maxVisited = 5_000_000;
const maxDepth = 1_000;

/** The first error of a run. Steps go on returning the values they had, as `[?(…)]` without operator looks only at those (as upstream). */
interface Run {
  error?: string | undefined;
  /** Shared by all parts of an evaluation. */
  readonly visited: { count: number };
}

type Step = (input: readonly unknown[], run: Run) => readonly unknown[];

export function compilePath(nodes: readonly PathNode[]): Path {
  const step = sequence(nodes);
  return {
    evaluate(data) {
      const run: Run = { visited: { count: 0 } };
      const values = step([data], run);
      return run.error === undefined ? { ok: true, values } : { ok: false, error: run.error };
    },
  };
}

function sequence(nodes: readonly PathNode[]): Step {
  const steps = nodes.map(compileNode);
  return (input, run) => {
    let values = input;
    for (const step of steps) {
      if (visit(run, values.length)) values = step(values, run);
      if (run.error !== undefined) break;
    }
    return values;
  };
}

/** Counts what is looked at. False when it became too much. */
function visit(run: Run, count: number): boolean {
  run.visited.count += 1 + count;
  if (run.visited.count > maxVisited) run.error ??= tooMuch(maxVisited);
  return run.error === undefined;
}

function tooMuch(limit: number): string {
  return `more than ${limit} values`;
}

/** False when it became too many. */
function add(found: unknown[], value: unknown, run: Run): boolean {
  found.push(value);
  if (found.length > maxValues) run.error ??= tooMuch(maxValues);
  return run.error === undefined;
}

function compileNode(node: PathNode): Step {
  switch (node.type) {
    case 'field':
      return (input, run) => evaluateField(input, node.name, run);
    case 'wildcard':
      return evaluateWildcard;
    case 'recursive':
      return evaluateRecursive;
    case 'slice':
      return (input, run) => evaluateSlice(input, node, run);
    case 'union':
      return compileUnion(node.paths);
    case 'filter':
      return compileFilter(node);
    case 'text':
      return () => [node.text];
    case 'literal':
      return (input) => input.map(() => node.value);
    case 'identifier':
      return (input, run) => {
        if (node.name === 'range') return input;
        run.error = node.name === 'end' ? 'not in range, nothing to end' : `unrecognized identifier ${node.name}`;
        return node.name === 'end' ? [] : input;
      };
  }
}

function evaluateField(input: readonly unknown[], name: string, run: Run): readonly unknown[] {
  const found: unknown[] = [];
  for (const value of input) {
    if (value instanceof Map) {
      if (value.has(name)) found.push(value.get(name));
    } else if (isPlainObject(value) && Object.hasOwn(value, name)) {
      found.push(value[name]);
    }
  }
  if (found.length === 0 && input.length > 0) run.error = `${name} is not found`;
  return found;
}

function evaluateWildcard(input: readonly unknown[], run: Run): readonly unknown[] {
  const found: unknown[] = [];
  for (const value of input) {
    for (const member of membersOf(value)) {
      if (!add(found, member, run)) return input;
    }
  }
  return found;
}

function evaluateSlice(input: readonly unknown[], node: SliceNode, run: Run): readonly unknown[] {
  const found: unknown[] = [];
  for (const value of input) {
    if (value === null || value === undefined) continue;
    if (!Array.isArray(value)) {
      run.error = `${goTypeName(value)} is not array or slice`;
      return input;
    }
    const positions = slicePositions(node, value.length);
    if (!positions.ok) {
      run.error = positions.error;
      return input;
    }
    // An empty range ends the whole step, also for the values still to come: upstream's way.
    if (positions.start === positions.end) return found;
    for (let index = positions.start; index < positions.end; index += positions.step) {
      if (!add(found, value[index], run)) return input;
    }
  }
  return found;
}

function evaluateRecursive(input: readonly unknown[], run: Run): readonly unknown[] {
  const found: unknown[] = [];
  const descend = (value: unknown, depth: number): void => {
    // A string's members are its bytes, and those have none.
    const members = typeof value === 'string' ? [] : membersOf(value);
    if (members.length === 0 && (typeof value !== 'string' || value === '')) return;
    if (!add(found, value, run) || !visit(run, members.length)) return;
    if (depth >= maxDepth) run.error = `nested deeper than ${maxDepth}`;
    for (const member of members) if (run.error === undefined) descend(member, depth + 1);
  };
  for (const value of input) if (run.error === undefined) descend(value, 0);
  return found;
}

function compileUnion(paths: readonly (readonly PathNode[])[]): Step {
  const steps = paths.map(sequence);
  return (input, run) => {
    const found: unknown[] = [];
    for (const step of steps) {
      const values = step(input, run);
      if (run.error !== undefined) return input;
      for (const value of values) if (!add(found, value, run)) return input;
    }
    return found;
  };
}

function compileFilter(node: FilterNode): Step {
  const left = sequence(node.left);
  const right = sequence(node.right);
  const { operator } = node;

  const passes = (element: unknown, run: Run): boolean => {
    if (operator === undefined) return exists(left, element, run);
    const lefts = left([element], run);
    if (run.error !== undefined || !single(lefts, run)) return false;
    const rights = right([element], run);
    if (run.error !== undefined || !single(rights, run)) return false;
    const comparison = compareValues(operator, lefts[0], rights[0]);
    if (comparison.ok) return comparison.pass;
    run.error = comparison.error;
    return false;
  };

  return (input, run) => {
    const found: unknown[] = [];
    for (const value of input) {
      if (!Array.isArray(value)) {
        run.error = `${goPrint(value)} is not array or slice and cannot be filtered`;
        return input;
      }
      for (const element of value) {
        if (passes(element, run)) add(found, element, run);
        if (run.error !== undefined) return input;
      }
    }
    return found;
  };
}

/** Whether the path leads anywhere; that it fails is no error, unless it looked at too much. */
function exists(path: Step, element: unknown, run: Run): boolean {
  const found = path([element], { visited: run.visited }).length > 0;
  return visit(run, 0) && found;
}

function single(values: readonly unknown[], run: Run): boolean {
  if (values.length > 1) run.error = 'can only compare one element at a time';
  return values.length === 1;
}

/** What `*` finds: elements, members, and of a string its UTF-8 bytes. */
function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...new TextEncoder().encode(value.slice(0, maxValues + 1))];
  if (value instanceof Map) return [...value.values()];
  return isPlainObject(value) ? Object.values(value) : [];
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
