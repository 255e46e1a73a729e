/** Header names as Go's `http.CanonicalHeaderKey`: `x-github-event` becomes `X-Github-Event`; a name with other characters stays. */
export function canonicalHeaderName(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

/** Headers that carry credentials; their values are not shown in traces. */
export function isCredentialHeader(name: string): boolean {
  return /authorization|cookie|token|secret|signature|password|credential|api-?key/i.test(name);
}
