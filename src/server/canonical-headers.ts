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
    const values = headers[name];
    if (values === undefined) headers[name] = [rawHeaders[index + 1] as string];
    else values.push(rawHeaders[index + 1] as string);
  }
  return headers;
}
