import type { HttpFailureCode } from '../triggers/http-exchange.ts';

/** What a failed exchange was, for programs and for people. */
export function explainError(error: NodeJS.ErrnoException, untrusted: boolean): { readonly code: HttpFailureCode; readonly why: string } {
  const code = error.code ?? '';
  if (untrusted)
    return {
      code: 'Untrusted',
      why: `its certificate is not trusted: ${error.message}; when it is signed by a CA of your own, name that in caBundle`,
    };
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'TooLarge', why: "its answer's headers are larger than 32 KiB" };
  if (code.startsWith('HPE_')) return { code: 'Malformed', why: `its answer is no HTTP: ${error.message}` };
  if (/wrong version number|packet length too long/i.test(error.message))
    return { code: 'Malformed', why: 'it does not answer with TLS; if that is meant, write http: instead of https:' };
  return { code: 'Unreachable', why: causes(error) };
}

/** Of several addresses each one failed in its own way. */
function causes(error: Error): string {
  const all = error instanceof AggregateError ? error.errors : [error];
  return all.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join(', ');
}
