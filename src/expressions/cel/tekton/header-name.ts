/** Headers that carry credentials; their values are not shown in traces. */
export function isCredentialHeader(name: string): boolean {
  return /authorization|cookie|token|secret|signature|password|credential|api-?key/i.test(name);
}
