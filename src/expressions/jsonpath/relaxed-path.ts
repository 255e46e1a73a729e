import { type ParsedPath, parsePath } from './parse-path.ts';

/**
 * `a.b`, `.a.b`, `{a.b}` and `{.a.b}` all mean `.a.b`; braces anywhere else are refused. An empty text has no path at all.
 * Upstream: relaxedJSONPathExpression.
 */
export function parseRelaxedPath(text: string): ParsedPath {
  if (text === '') return { ok: true, nodes: [] };
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text);
  const path = match?.[1] ?? match?.[2];
  if (path === undefined) {
    const error = "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";
    return { ok: false, error, start: 0, end: text.length };
  }
  const parsed = parsePath(`.${path}`);
  if (parsed.ok) return parsed;
  const shift = text.indexOf(path) - 1;
  return { ...parsed, start: Math.max(0, parsed.start + shift), end: Math.max(0, parsed.end + shift) };
}
