import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fakeOutside } from '../../test/support/fake-outside.ts';
import { createInterceptorService } from './interceptor-service.ts';

const service = createInterceptorService(fakeOutside({ 'ns/hook/token': '1234567' }));
const ask = async (path: string, request: unknown) => {
  const answer = await service(path, typeof request === 'string' ? request : JSON.stringify(request));
  return answer.status === 200 ? JSON.parse(answer.body) : answer;
};
const context = { event_url: '/x', event_id: 'e', trigger_id: 'namespaces/ns/triggers/t' };

describe('our interceptors over the wire', () => {
  it('cel: filter and overlays', async () => {
    const interceptor_params = { filter: 'body.n == 1', overlays: [{ key: 'm', expression: 'body.n + 1.0' }] };
    expect(await ask('/cel', { body: '{"n":1}', interceptor_params, context })).toEqual({
      continue: true,
      extensions: { m: 2 },
      status: {},
    });
    expect(await ask('/CEL', { body: '{"n":2}', interceptor_params, context })).toEqual({
      continue: false,
      status: { code: 9, message: 'expression body.n == 1 did not return true' },
    });
  });

  it("github: the secret is read in the trigger's namespace, the signature is over the very bytes", async () => {
    const body = '{"a":  "ü"}';
    const header = {
      'X-Github-Event': ['push'],
      'X-Hub-Signature-256': [`sha256=${createHmac('sha256', '1234567').update(body).digest('hex')}`],
    };
    const interceptor_params = { secretRef: { secretName: 'hook', secretKey: 'token' }, eventTypes: ['push'] };
    expect(await ask('/github', { body, header, interceptor_params, context })).toEqual({ continue: true, status: {} });
    expect(await ask('/github', { body: `${body} `, header, interceptor_params, context })).toMatchObject({
      continue: false,
      status: { code: 9, message: 'payload signature check failed' },
    });
    const elsewhere = { ...context, trigger_id: 'namespaces/other/triggers/t' };
    expect(await ask('/github', { body, header, interceptor_params, context: elsewhere })).toMatchObject({
      continue: false,
      status: { code: 9, message: expect.stringContaining('error getting secret') },
    });
  });

  it.each([
    ['/nope', {}, 'path did not match any interceptors\n'],
    ['/constructor', {}, 'path did not match any interceptors\n'],
    ['/cel', '{', 'failed to parse body as InterceptorRequest: not JSON: "{"\n'],
    ['/cel', '', 'failed to parse body as InterceptorRequest: unexpected end of JSON input\n'],
  ])('%s %j is refused', async (path, request, body) => {
    expect(await ask(path, request)).toEqual({ status: 400, contentType: 'text/plain; charset=utf-8', body });
  });
});
