import type { WebhookInterceptor } from '../../../resources/trigger/schema.ts';
import { changeEvent, type OpenEvent } from '../../open-event.ts';
import { brokenInterceptor, type Extensions, type Interceptor, type InterceptorAnswer, stop, wrong } from '../interceptor.ts';
import { setPath } from '../set-path.ts';
import type { ServiceUrl } from './address.ts';
import { codeOfFailure } from './called-interceptor.ts';

/** Upstream's. */
const TIMEOUT_MS = 5_000;
/** An answer is the event changed: it may be somewhat larger than what was sent. */
const ROOM_BYTES = 1024 * 1024;
const SHOWN = 200;

/** Of one connection only, or the client's own to set. */
const notForwarded = new Set(
  'Accept-Encoding Connection Content-Length Expect Host Keep-Alive Proxy-Authorization Proxy-Connection Te Trailer Transfer-Encoding Upgrade'.split(
    ' ',
  ),
);

/**
 * The legacy webhook: it is sent the event and answers with the event as it goes on, body and headers. reference/triggers.md 2.1, 2.4. A 4xx is
 * its "no"; anything else but 200 is trouble.
 */
export function webhookInterceptor(name: string, spec: WebhookInterceptor, namespace: string, serviceUrl: ServiceUrl): Interceptor {
  const url = targetOf(spec, namespace, serviceUrl);
  if (url === undefined)
    return brokenInterceptor(name, 'FailedPrecondition', 'invalid objRef: a webhook wants a url or the name of a v1 Service');
  const own = configuredHeaders(spec);
  return {
    name,
    conditions: [],
    guards: true,
    changesEvent: true,
    async intercept({ event, extensions, outside }): Promise<InterceptorAnswer> {
      const body = extendedBody(event, extensions);
      if (!body.ok) return wrong('Internal', `failed to merge extensions into the body: ${body.error}`);
      const result = await outside.http({
        method: 'POST',
        url,
        headers: { ...forwardedHeaders(event), 'Eventlistener-Request-Url': event.url, ...own },
        body: body.bytes,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: body.bytes.length + ROOM_BYTES,
        privateNetwork: true,
      });
      if (!result.ok) return wrong(codeOfFailure(result.code), `webhook could not be asked: ${result.message}`);
      const { status, statusText, headers } = result.response;
      if (status !== 200) {
        const said = new TextDecoder().decode(result.response.body).slice(0, SHOWN);
        const message = `request rejected; status: ${status}${statusText === '' ? '' : ` ${statusText}`}; message: ${said}`;
        return status >= 400 && status < 500 ? stop('FailedPrecondition', message) : wrong('Unavailable', message);
      }
      return { outcome: 'continue', event: changeEvent(event, { headers, body: result.response.body }) };
    },
  };
}

function targetOf({ url, objectRef }: WebhookInterceptor, namespace: string, serviceUrl: ServiceUrl): string | undefined {
  if (url !== undefined && url !== '') return url;
  const { kind = '', apiVersion = '', name = '' } = objectRef ?? {};
  if (kind !== 'Service' || apiVersion !== 'v1' || name === '') return undefined;
  const place = objectRef?.namespace || namespace;
  return `${(serviceUrl(place, name) ?? `http://${name}.${place}.svc`).replace(/\/+$/, '')}/`;
}

function configuredHeaders({ header = [] }: WebhookInterceptor): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    header.flatMap(({ name, value }) => (typeof value === 'string' || Array.isArray(value) ? [[name, value]] : [])),
  );
}

function forwardedHeaders({ headers }: OpenEvent): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, values]) => (notForwarded.has(name) ? [] : [[name, values.map(bytewise)]])),
  );
}

/** A header's bytes were read as UTF-8; HTTP sends a character for each. */
function bytewise(value: string): string {
  return /[^\0-\x7f]/.test(value) ? String.fromCharCode(...new TextEncoder().encode(value)) : value;
}

type Extended = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly error: string };

/** The body as it is, or with what came before added under `extensions`. */
function extendedBody(event: OpenEvent, extensions: Extensions): Extended {
  const names = Object.keys(extensions);
  if (names.length === 0) return { ok: true, bytes: event.currentBody() };
  const decoded = event.json();
  let body: unknown = decoded.ok ? decoded.value : undefined;
  for (const name of names) {
    const set = setPath(body, `extensions.${name}`, extensions[name]);
    if (!set.ok) return set;
    body = set.value;
  }
  return { ok: true, bytes: new TextEncoder().encode(JSON.stringify(body)) };
}
