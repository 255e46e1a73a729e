import { TemplateError } from './syntax.ts';

export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly code: string; readonly line: number };

/** `{{`, with what stands between up to `}}`: strings in quotes or backquotes may contain braces. A comment stands alone in its braces. */
const ACTION = /\{\{(- )?(?:\s*(\/\*[\s\S]*?\*\/)\s*?|((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|[^"`])*?))( -)?\}\}/g;

/** Text and actions in turn; `{{- ` and ` -}}` have eaten the white space beside them. */
export function splitActions(name: string, text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  let trims = false;
  const add = (stretch: string): void => {
    const open = stretch.indexOf('{{');
    if (open >= 0) throw new TemplateError(name, lineAt(text, end + open), 'this action does not end: expected }}');
    const kept = trims ? stretch.replace(/^[ \t\r\n]+/, '') : stretch;
    if (kept !== '') pieces.push({ type: 'text', text: kept });
  };
  for (const match of text.matchAll(ACTION)) {
    const before = text.slice(end, match.index);
    add(match[1] === undefined ? before : before.replace(/[ \t\r\n]+$/, ''));
    const code = match[3];
    if (code !== undefined) pieces.push({ type: 'action', code, line: lineAt(text, match.index) });
    end = match.index + match[0].length;
    trims = match[4] !== undefined;
  }
  add(text.slice(end));
  return pieces;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
