import { canonicalHeader } from '../../../expressions/jsonpath/canonical-header.ts';
import type { FilterNode, PathNode } from '../../../expressions/jsonpath/path-node.ts';
import type { Excerpt, Finding } from '../finding.ts';
import { nearest } from '../nearest.ts';
import type { BoundPath } from './lint-binding-value.ts';

/** Go's own spelling of the roots works as well, see `event-context.ts`. */
const roots: ReadonlySet<string> = new Set(['body', 'header', 'extensions', 'context', 'Body', 'Header', 'Extensions', 'Context']);

/** Variables that are for templates and for what is created. */
const elsewhere: ReadonlySet<string> = new Set(['tt', 'params', 'uid', 'workspaces', 'tasks', 'results', 'steps', 'inputs', 'finally']);

/** Paths that fail for every event, and such as mean something else than they look. */
export function findPathMistakes(bound: BoundPath, path: string): readonly Finding[] {
  const { inside, excerpt } = bound;
  if (inside === '') return [{ severity: 'warning', code: 'binding-text', path, message: '$() is empty text', excerpt: around(excerpt) }];
  const never = findNever(bound);
  const error: Finding[] = never === undefined ? [] : [{ severity: 'error', code: 'path-never-found', path, excerpt, ...never }];
  return [...error, ...findFilterMistakes(bound, path), ...findDottedKeys(bound, path)];
}

function around({ source, offset, length }: Excerpt): Excerpt {
  return { source, offset: offset - 2, length: length + 3 };
}

type Never = Pick<Finding, 'message' | 'suggestion'> | undefined;

function findNever({ inside, nodes }: BoundPath): Never {
  const [root, ...rest] = nodes;
  if (root?.type === 'field' && !roots.has(root.name)) return wrongRoot(inside, root.name);
  const word = nodes.find((node) => node.type === 'identifier');
  if (word !== undefined) {
    const message = `a path has no words between blanks: ${JSON.stringify(word.name)} fails for every event`;
    return {
      message,
      suggestion: inside.includes(' ') && !inside.includes('\\ ') ? `$(${inside.trim().replaceAll(' ', '\\ ')})` : undefined,
    };
  }
  switch (root?.type === 'field' ? root.name.toLowerCase() : '') {
    case 'header':
      return wrongHeader(rest);
    case 'context':
      return wrongContext(rest);
    default:
      return undefined;
  }
}

function wrongRoot(inside: string, name: string): Never {
  if (elsewhere.has(name)) {
    return {
      message: `$(${inside}) fails for every event: a binding sees body, header, extensions and context, no variables of templates or runs`,
    };
  }
  const plain = inside.replace(/^\$?\.?\s*/, '');
  const known = [...roots].filter((root) => root === root.toLowerCase());
  const first = /^\w+/.exec(plain)?.[0] ?? '';
  const meant = known.includes(first) ? first : nearest(first, known);
  return {
    message: `a path begins with body, header, extensions or context: $(${inside}) fails for every event`,
    suggestion: meant && `$(${meant}${plain.slice(first.length)})`,
  };
}

function wrongHeader([name, ...below]: readonly PathNode[]): Never {
  if (name?.type !== 'field') return undefined;
  const canonical = canonicalHeader(name.name);
  if (canonical !== name.name) {
    return { message: 'in brackets the name of a header must be written as it is kept', suggestion: `$(header['${canonical}'])` };
  }
  if (below.length === 0) return undefined;
  return {
    message: 'a header is one text, all its values joined by commas: there is nothing below it',
    suggestion: `$(header.${name.name})`,
  };
}

function wrongContext([field, ...below]: readonly PathNode[]): Never {
  if (field === undefined) return undefined;
  if (field.type === 'field' && (field.name === 'eventID' || field.name === 'EventID') && below.length === 0) return undefined;
  return { message: 'the context has the eventID and nothing else', suggestion: '$(context.eventID)' };
}

const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

function findFilterMistakes({ nodes, excerpt }: BoundPath, path: string): readonly Finding[] {
  return filtersIn(nodes).flatMap(({ left, operator, right }): readonly Finding[] => {
    if (operator === undefined) return [];
    const found = { severity: 'error', code: 'path-filter', path, excerpt } as const;
    if (!operators.has(operator)) {
      const message = `a filter has no operator ${operator}: it fails for every element`;
      return [{ ...found, message, suggestion: operator === '=' || operator === '===' || operator === '=~' ? '==' : undefined }];
    }
    const integer = [...left, ...right].find((node) => node.type === 'literal' && typeof node.value === 'bigint');
    if (integer?.type !== 'literal') return [];
    const message = `numbers of an event are doubles, which do not compare with the integer ${integer.value}: the filter fails for every element`;
    return [{ ...found, message, suggestion: `${integer.value}.0` }];
  });
}

function filtersIn(nodes: readonly PathNode[]): readonly FilterNode[] {
  return nodes.flatMap((node) => {
    if (node.type === 'union') return node.paths.flatMap(filtersIn);
    return node.type === 'filter' ? [node, ...filtersIn(node.left), ...filtersIn(node.right)] : [];
  });
}

/** `['a.b']` is parsed as a path once more, and means `.a.b` (reference/triggers.md 4.4). */
function findDottedKeys({ inside, excerpt }: BoundPath, path: string): readonly Finding[] {
  return [...inside.matchAll(/\['([^'\]]*)'\]/g)].flatMap((match): readonly Finding[] => {
    const [whole, key = ''] = match;
    const escaped = key.replace(/(?<!\\)\./g, '\\.');
    if (escaped === key) return [];
    const message = `${whole} means .${key}: a dot in a key needs a backslash`;
    const at = { source: excerpt.source, offset: excerpt.offset + match.index, length: whole.length };
    return [{ severity: 'warning', code: 'path-key', path, message, suggestion: `['${escaped}']`, excerpt: at }];
  });
}
