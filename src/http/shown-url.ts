const LONGEST = 200;

/**
 * A URL for messages: origin and path. The query is left out, and so are segments that look like a token: chat webhooks carry their
 * secret in the path.
 */
export function shownUrl({ origin, pathname }: URL): string {
  const path = pathname
    .split('/')
    .map((segment) => (isTokenLike(segment) ? '…' : segment))
    .join('/');
  return shortened(`${origin}${path}`);
}

/** What was given for a URL and is none: without what follows a `?` or `#`, and without what precedes an `@`. */
export function shownText(text: string): string {
  return shortened(text.replace(/[?#].*$/s, '').replace(/^.*@/s, '…@'));
}

/** Long, with capitals, small letters and digits. A commit's hash and a UUID are none. */
function isTokenLike(segment: string): boolean {
  return segment.length >= 20 && /[A-Z]/.test(segment) && /[a-z]/.test(segment) && /\d/.test(segment);
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
