const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/**
 * A header's name in Go's canonical form: `x-github-event` gives `X-Github-Event`. A name with a character that no header may have
 * stays as it is.
 */
export function canonicalHeader(name: string): string {
  if (!token.test(name)) return name;
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
