/**
 * `text.indexOf(needle, from)` for calls whose `from` never goes back: each character is looked at once in all, however
 * often it is asked. Without this a text of unclosed `$(` costs the square of its length.
 */
export function forwardSearch(text: string, needle: string): (from: number) => number {
  let found = -2;
  return (from) => {
    if (found === -2 || (found >= 0 && found < from)) found = text.indexOf(needle, from);
    return found;
  };
}
