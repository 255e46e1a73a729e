import { expressionCache } from '../../src/triggers/expression-cache.ts';
import type { Interceptor, InterceptorAnswer, InterceptorFactory, ListenerPolicy } from '../../src/triggers/interceptors/interceptor.ts';
import { type OpenEvent, openEvent } from '../../src/triggers/open-event.ts';
import type { Outside } from '../../src/triggers/outside.ts';

export interface Asked {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly policy?: Partial<ListenerPolicy>;
  readonly outside: Outside;
}

/** One interceptor of namespace `ns`, made ready as on loopback unless told otherwise. */
export function readyInterceptor(factory: InterceptorFactory, { params = {}, policy }: Pick<Asked, 'params' | 'policy'>): Interceptor {
  const context = { namespace: 'ns', expressions: expressionCache(), policy: { unsigned: 'warn', sha1: 'warn', ...policy } } as const;
  return factory(new Map(Object.entries(params)), context);
}

export function eventOf({ headers = {}, body = '' }: Pick<Asked, 'headers' | 'body'>): OpenEvent {
  return openEvent({
    eventId: 'EVT',
    url: '/',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  });
}

/** What one interceptor says to one event, as the chain would ask it. */
export async function askInterceptor(factory: InterceptorFactory, asked: Asked): Promise<InterceptorAnswer> {
  return await readyInterceptor(factory, asked).intercept({
    event: eventOf(asked).intercepted(),
    extensions: {},
    namespace: 'ns',
    triggerId: 'namespaces/ns/triggers/t',
    outside: asked.outside,
  });
}
