import { expressionCache } from '../triggers/expression-cache.ts';
import { coreInterceptor, isCore } from '../triggers/interceptors/registry.ts';
import { decodeRequest, encodeResponse, type InterceptorRequest } from '../triggers/interceptors/remote/wire.ts';
import { openEvent } from '../triggers/open-event.ts';
import { type Outside, OutsideUnavailable } from '../triggers/outside.ts';

export interface ServiceAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers an interceptor request by the interceptor's name, as it stands in the path, and the request's text. */
export type InterceptorService = (path: string, request: string) => Promise<ServiceAnswer>;

/**
 * Our own interceptors over the wire protocol, as upstream's core interceptors answer it (reference/triggers.md 2.2, 2.3): for listeners of other
 * systems, and for trying one out. Whoever may ask can have any secret compared, so it belongs behind a token.
 */
export function createInterceptorService(outside: Outside): InterceptorService {
  const expressions = expressionCache();
  return async (path, text) => {
    const name = path.toLowerCase().replace(/^\//, '');
    if (!isCore(name)) return failure(400, 'path did not match any interceptors');
    const request = decodeRequest(text);
    if (!request.ok) return failure(400, `failed to parse body as InterceptorRequest: ${request.error}`);
    const namespace = namespaceOf(request.value);
    const interceptor = coreInterceptor(name, new Map(Object.entries(request.value.params)), {
      namespace,
      expressions,
      // The listener that asks has its own mind about that.
      policy: { unsigned: 'allow', sha1: 'allow' },
    });
    const { body, header, extensions, context } = request.value;
    const event = openEvent({
      eventId: context.eventId,
      url: context.eventUrl,
      headers: header,
      body: new TextEncoder().encode(body),
    });
    try {
      const answer = await interceptor.intercept({ event, extensions, namespace, triggerId: context.triggerId, outside });
      const goesOn = answer.outcome === 'continue';
      return json(
        encodeResponse({
          continue: goesOn,
          extensions: goesOn ? (answer.extensions ?? {}) : {},
          code: goesOn ? 'OK' : answer.code,
          message: goesOn ? '' : answer.message,
        }),
      );
    } catch (error) {
      if (!(error instanceof OutsideUnavailable)) throw error;
      return failure(500, error.message);
    }
  };
}

/** `namespaces/<namespace>/triggers/<name>`; anything else has none, and then no secret can be read. */
function namespaceOf({ context }: InterceptorRequest): string {
  const parts = context.triggerId.split('/');
  return parts.length === 4 ? (parts[1] ?? '') : '';
}

function json(body: string): ServiceAnswer {
  return { status: 200, contentType: 'application/json', body };
}

function failure(status: number, message: string): ServiceAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${message}\n` };
}
