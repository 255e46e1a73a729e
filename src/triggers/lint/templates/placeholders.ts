import type { Finding } from '../finding.ts';
import { nearest } from '../nearest.ts';
import { type TextAt, textsOf } from './texts-of.ts';

/** Placeholders that look like a template's param and are left as they are. Those admission refuses are not among them. */
export function findPlaceholderMistakes(
  resource: Readonly<Record<string, unknown>>,
  declared: readonly string[],
  path: string,
): readonly Finding[] {
  return textsOf(resource).flatMap((text) => [
    ...[...text.text.matchAll(/\$[({]\s*tt[^(){}]*[)}]/g)].flatMap((match) => templateVariable(match, text, declared, path)),
    ...(/^spec\.params\[\d+\]\.value/.test(text.path) ? runVariables(text, declared, path) : []),
  ]);
}

function templateVariable(match: RegExpExecArray, { text, path }: TextAt, declared: readonly string[], base: string): readonly Finding[] {
  const [whole] = match;
  const exact = /^\$\(tt\.params\.([^()]*)\)$/.exec(whole)?.[1];
  if (exact !== undefined && declared.includes(exact)) return [];
  const name = /^\$[({]\s*tt\.?(?:params?)?[.[]?['"]?([\w.-]+)/.exec(whole)?.[1] ?? '';
  const bare = declared.find((param) => param === name || name.startsWith(`${param}.`)) ?? nearest(name, declared);
  return [
    {
      severity: 'warning',
      code: 'template-placeholder',
      path: `${base}.${path}`,
      message: `${whole} is none of the template's params, and stays as it is`,
      suggestion: bare === undefined ? undefined : `$(tt.params.${bare})`,
      excerpt: { source: text, offset: match.index, length: whole.length },
    },
  ];
}

/** In the params of a run there are no params yet: `$(params.x)` is passed on as it is. */
function runVariables({ text, path }: TextAt, declared: readonly string[], base: string): readonly Finding[] {
  return [...text.matchAll(/\$\(params\.([\w.-]+)\)/g)].flatMap((match): readonly Finding[] => {
    const [whole, name = ''] = match;
    if (!declared.includes(name)) return [];
    const message = `${whole} is not replaced in the params of a run`;
    const excerpt = { source: text, offset: match.index, length: whole.length };
    return [
      { severity: 'warning', code: 'template-placeholder', path: `${base}.${path}`, message, suggestion: `$(tt.params.${name})`, excerpt },
    ];
  });
}
