import { forwardSearch } from './forward-search.ts';
import type { Replacements } from './replacements.ts';

/**
 * Every known `$(key)` in `text` by its value, in one pass from left to right: values are never looked at again, unknown references
 * stay as they are, and there is no escape (`$$(params.x)` becomes `$` and the value).
 * Upstream: substitution.ApplyReplacements, a Go strings.Replacer. Of nested `$($(a))` only the inner one can be a key.
 */
export function replaceString(text: string, replacements: Pick<Replacements, 'strings'>): string {
  let open = text.indexOf('$(');
  if (open < 0) return text;
  const { strings } = replacements;
  if (strings.size === 0) return text;

  const nextOpen = forwardSearch(text, '$(');
  const nextClose = forwardSearch(text, ')');
  let replaced = '';
  let copied = 0;
  while (open >= 0) {
    const close = nextClose(open + 2);
    if (close < 0) break;
    const inner = nextOpen(open + 2);
    if (inner < 0 || inner > close) {
      const value = strings.get(text.slice(open + 2, close));
      if (value !== undefined) {
        replaced += text.slice(copied, open) + value;
        copied = close + 1;
      }
    }
    open = inner;
  }
  return copied === 0 ? text : replaced + text.slice(copied);
}
