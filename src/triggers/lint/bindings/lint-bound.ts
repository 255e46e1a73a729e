import type { ChainState } from '../chain-state.ts';
import { extensionInPath } from '../extensions.ts';
import type { Finding } from '../finding.ts';
import { findPathAccess, type PathProblem } from '../github/path-access.ts';
import { nearest } from '../nearest.ts';
import { type BoundPath, lintBindingValue } from './lint-binding-value.ts';

/**
 * What a binding asks of an event that has come through a chain, and that cannot be there. `fallback`: the template has a default for the param, which then takes
 * the place of what fails.
 */
export function lintBoundValue(source: string, path: string, state: ChainState, fallback: boolean): readonly Finding[] {
  return lintBindingValue(source, path).paths.flatMap((bound) => [
    ...findMissingExtension(bound, path, state, fallback),
    ...findMissingField(bound, path, state),
  ]);
}

/** The extensions a binding asks for; `all` when it asks for the whole of them. */
export function extensionsInValue(source: string): readonly string[] | 'all' {
  const names: string[] = [];
  for (const { nodes } of lintBindingValue(source, '').paths) {
    const [root, ...rest] = nodes;
    if (root?.type !== 'field') return 'all';
    if (root.name !== 'extensions' && root.name !== 'Extensions') continue;
    const name = extensionInPath(rest);
    if (name === undefined) return 'all';
    names.push(name);
  }
  return names;
}

function findMissingExtension(bound: BoundPath, path: string, state: ChainState, fallback: boolean): readonly Finding[] {
  const [root, ...rest] = bound.nodes;
  const name = root?.type === 'field' && root.name.toLowerCase() === 'extensions' ? extensionInPath(rest) : undefined;
  if (name === undefined || state.extensionsOpen || state.extensions.has(name)) return [];
  const nested = state.doubled.has(name) ? `extensions.extensions.${name}` : undefined;
  const meant = nearest(name, state.extensions);
  const suggestion = nested ?? (meant && `extensions.${meant}`);
  const outcome = fallback ? "the template's default is always taken" : 'the trigger always fails';
  return [
    {
      severity: fallback ? 'warning' : 'error',
      code: 'extension-missing',
      path,
      message: `no interceptor adds ${JSON.stringify(name)} to the extensions: ${outcome}`,
      suggestion: suggestion && `$(${suggestion})`,
      excerpt: bound.excerpt,
    },
  ];
}

function findMissingField(bound: BoundPath, path: string, { events }: ChainState): readonly Finding[] {
  const [root, ...rest] = bound.nodes;
  if (events === undefined || root?.type !== 'field' || root.name.toLowerCase() !== 'body') return [];
  return findPathAccess(rest, events).map((problem) => fieldFinding(problem, bound, path));
}

function fieldFinding({ message, suggestion, key }: PathProblem, { inside, excerpt }: BoundPath, path: string): Finding {
  const found = key === undefined ? -1 : inside.lastIndexOf(key);
  const at = found < 0 || key === undefined ? excerpt : { ...excerpt, offset: excerpt.offset + found, length: key.length };
  return { severity: 'warning', code: 'github-field', path, message, suggestion, excerpt: at };
}
