import { isUtf8 } from 'node:buffer';

const MAX_CACHED_NAMES = 1_000;
const canonicalNames = new Map<string, string>();

/** `x-github-event` -> `X-Github-Event`, as Go's `textproto.CanonicalMIMEHeaderKey` does for a valid token. */
export function canonicalHeaderName(name: string): string {
  const known = canonicalNames.get(name);
  if (known !== undefined) return known;
  const canonical = name.toLowerCase().replace(/(^|-)[a-z]/g, (match) => match.toUpperCase());
  // Senders choose names: a full cache stays as it is.
  if (canonicalNames.size < MAX_CACHED_NAMES) canonicalNames.set(name, canonical);
  return canonical;
}

/**
 * Headers as upstream's handlers see them: canonical names, every value in order, without `Host` (Go keeps it apart). No prototype:
 * senders choose the names.
 */
export function canonicalHeaders(rawHeaders: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = canonicalHeaderName(rawHeaders[index] as string);
    if (name === 'Host') continue;
    const value = utf8Value(rawHeaders[index + 1] as string);
    const values = headers[name];
    if (values === undefined) headers[name] = [value];
    else values.push(value);
  }
  return headers;
}

/** Node makes a character of each byte. To Go, and so to bindings and to secrets that are compared, the bytes are UTF-8. */
function utf8Value(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}
