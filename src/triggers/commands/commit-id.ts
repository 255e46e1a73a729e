/**
 * A whole commit id, SHA-1 or SHA-256. The beginning of one would not do: a commit whose id begins with seven given digits is made in seconds,
 * and with twelve in hours, by whoever wants an approval to hold for other code.
 */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);
}
