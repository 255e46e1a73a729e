import { type ParsedPath, parsePath } from './parse-path.ts';

/**
 * `a.b`, `.a.b`, `{a.b}` and `{.a.b}` all mean `.a.b`; braces anywhere else are refused. An empty text has no path at all.
 * Upstream: relaxedJSONPathExpression.
 */
export function parseRelaxedPath(text: string): ParsedPath {
  if (text === '') return { ok: true, nodes: [] };
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text);
  const path = match?.[1] ?? match?.[2];
  if (path !== undefined) return parsePath(`.${path}`);
  return {
    ok: false,
    error: "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
  };
}
