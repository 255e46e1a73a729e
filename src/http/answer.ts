import type { IncomingMessage } from 'node:http';
import { canonicalHeader } from '../expressions/jsonpath/canonical-header.ts';
import type { HttpResult } from '../triggers/http-exchange.ts';
import type { Exchanged } from './exchange.ts';
import { explainError } from './explain-error.ts';
import { failure } from './failure.ts';
import { readBody } from './read-body.ts';
import { shownUrl } from './shown-url.ts';

type Answered = Extract<Exchanged, { readonly ok: true }>;

/** The rest of an answer whose head is there. */
export async function readAnswer({ message, brokenBy }: Answered, url: URL, maxBytes: number): Promise<HttpResult> {
  const read = await readBody(message, maxBytes).catch((error: Error) => error);
  if (read instanceof Error) {
    const { code, why } = explainError(brokenBy() ?? read, false);
    return failure(code, `${shownUrl(url)}: ${code === 'Unreachable' ? `its answer broke off (${why})` : why}`);
  }
  if (!read.ok) return failure(read.code, `${shownUrl(url)}: ${read.why}`);
  const { statusCode: status = 0, statusMessage: statusText = '' } = message;
  const at = new URL(url);
  at.hash = '';
  return { ok: true, response: { status, statusText, headers: headersOf(message, read.decoded), body: read.body, url: at.href } };
}

/** No prototype: the server chooses the names. What described the body on its way is not true of the one that is handed on. */
function headersOf({ rawHeaders }: IncomingMessage, decoded: boolean): Readonly<Record<string, readonly string[]>> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = canonicalHeader(rawHeaders[index] as string);
    if (name === 'Transfer-Encoding' || (decoded && (name === 'Content-Encoding' || name === 'Content-Length'))) continue;
    const values = headers[name];
    if (values === undefined) headers[name] = [rawHeaders[index + 1] as string];
    else values.push(rawHeaders[index + 1] as string);
  }
  return headers;
}
