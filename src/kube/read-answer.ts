import type { IncomingMessage } from 'node:http';
import { BrokenConnection } from './broken-connection.ts';
import { KubeError } from './kube-client.ts';

/** The body as it comes. Ends with the answer or the signal; throws `BrokenConnection` when it breaks off. */
export async function* chunksOf(answer: IncomingMessage, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk;
  } catch (error) {
    if (signal?.aborted === true) return;
    throw new BrokenConnection(`the answer broke off: ${error instanceof Error ? error.message : String(error)}`, {
      sent: true,
      cause: error,
    });
  } finally {
    answer.destroy();
  }
}

/** The whole body, of at most so many bytes. */
export async function readAnswer(answer: IncomingMessage, maxBytes: number, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      size += chunk.length;
      if (size > maxBytes) {
        answer.destroy();
        throw new KubeError(0, 'TooLarge', `the answer is larger than ${maxBytes} bytes; ask for less at once with a limit`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof KubeError) throw error;
    signal?.throwIfAborted();
    throw new BrokenConnection(`the answer broke off: ${error instanceof Error ? error.message : String(error)}`, {
      sent: true,
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Texts of `Warning: 299 - "text"`, of which Node joins several with commas. */
export function warningsOf(answer: IncomingMessage): readonly string[] {
  const header = answer.headers['warning'];
  const text = Array.isArray(header) ? header.join() : (header ?? '');
  return [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}

/** What the server says of its refusal: a `Status`, or in other words. */
export function errorOf(code: number, text: string): KubeError {
  const status = statusIn(text);
  if (status === undefined) {
    const said = text.trim().slice(0, 500);
    return new KubeError(code, reasonOf(code), said === '' ? `the server answered ${code}` : said);
  }
  const { reason, message, details } = status;
  const causes = Array.isArray(details?.causes) ? details.causes : [];
  return new KubeError(code, reason === undefined || reason === '' ? reasonOf(code) : reason, message ?? `the server answered ${code}`, {
    causes: causes.map(({ field, message: why }) => ({ field: field ?? '', message: why ?? '' })),
  });
}

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

function statusIn(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status' ? (value as Status) : undefined;
  } catch {
    return undefined;
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function reasonOf(code: number): string {
  return reasons[code] ?? (code >= 500 ? 'InternalError' : 'Unknown');
}
