/** A warning of admission as the field it is about and what it says: `spec.cloudEventURI: …`. Some are about the whole object. */
export function warningParts(warning: string): { readonly path: string; readonly text: string } {
  const match = /^((?:spec|metadata|data|status)[^\s:]*): (.*)$/s.exec(warning);
  return { path: match?.[1] ?? '', text: match?.[2] ?? warning };
}
