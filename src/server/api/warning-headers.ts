import type { Response } from 'express';

/**
 * What a client reads of headers is limited: Node's takes 16 KiB in all. Kubernetes sends 4 KiB of warnings.
 */
const MOST_CHARACTERS = 4_096;

/** Puts warnings where kubectl and our command line print them from, each once, as many as there is room for. */
export function addWarnings(response: Response, warnings: readonly string[]): void {
  let left = MOST_CHARACTERS;
  const texts = [...new Set(warnings.map(headerText))];
  for (const [index, text] of texts.entries()) {
    left -= text.length;
    if (left < 0) {
      response.append('Warning', `299 - "and ${texts.length - index} more: \\"tappet lint -f FILE\\" tells all"`);
      return;
    }
    response.append('Warning', `299 - "${text}"`);
  }
}

/** Header values are single lines of visible Latin; quotes and backslashes are escaped as in any quoted-string. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').replace(/["\\]/g, '\\$&');
}
