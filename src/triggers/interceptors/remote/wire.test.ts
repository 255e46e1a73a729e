import { describe, expect, it } from 'vitest';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from './wire.ts';

const request = {
  body: '{"a": "ü"}',
  header: { 'X-Github-Event': ['push'] },
  extensions: { k: 'v' },
  params: { filter: 'true', secretRef: { secretName: 's', secretKey: 'k' } },
  context: { eventUrl: '/path?x=1', eventId: 'e1', triggerId: 'namespaces/ns/triggers/t' },
};

describe('the wire protocol of interceptors', () => {
  it('sends what upstream sends, member for member', () => {
    expect(JSON.parse(encodeRequest(request))).toEqual({
      body: '{"a": "ü"}',
      header: { 'X-Github-Event': ['push'] },
      extensions: { k: 'v' },
      interceptor_params: { filter: 'true', secretRef: { secretName: 's', secretKey: 'k' } },
      context: { event_url: '/path?x=1', event_id: 'e1', trigger_id: 'namespaces/ns/triggers/t' },
    });
  });

  it('leaves out what is empty, but the context', () => {
    const bare = { body: '', header: {}, extensions: {}, params: {}, context: { eventUrl: '', eventId: '', triggerId: '' } };
    expect(JSON.parse(encodeRequest(bare))).toEqual({ context: { event_url: '', event_id: '', trigger_id: '' } });
    expect(decodeRequest(encodeRequest(bare))).toEqual({ ok: true, value: bare });
  });

  it('reads what it sends', () => {
    expect(decodeRequest(encodeRequest(request))).toEqual({ ok: true, value: request });
  });

  it.each([
    ['', 'unexpected end of JSON input'],
    ['[]', 'json: cannot unmarshal array into a Go value of type object'],
    ['{"body":1}', 'body is of type number, expected a string'],
    ['{"header":{"A":"b"}}', 'header is of type object, expected an object of lists of strings'],
    ['{"context":[]}', 'context is of type array, expected an object'],
    ['{"context":{"trigger_id":1}}', 'trigger_id is of type number, expected a string'],
    [`{"extensions":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`, 'nested deeper than 100 levels'],
  ])('refuses a request that is none: %s', (text, error) => {
    expect(decodeRequest(text)).toEqual({ ok: false, error });
  });

  it.each([
    ['{}', { continue: false, extensions: {}, code: 'OK', message: '' }],
    ['{"continue":true,"status":{}}', { continue: true, extensions: {}, code: 'OK', message: '' }],
    [
      '{"continue":false,"status":{"code":9,"message":"no"}}',
      { continue: false, extensions: {}, code: 'FailedPrecondition', message: 'no' },
    ],
    [
      '{"continue":false,"status":{"code":"FAILED_PRECONDITION"}}',
      { continue: false, extensions: {}, code: 'FailedPrecondition', message: '' },
    ],
    ['{"continue":false,"status":{"code":99}}', { continue: false, extensions: {}, code: 'Unknown', message: '' }],
    ['{"continue":true,"extensions":null,"status":null}', { continue: true, extensions: {}, code: 'OK', message: '' }],
  ])('reads an answer: %s', (text, value) => {
    expect(decodeResponse(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['<html>', 'not JSON: "<html>"'],
    ['{"continue":"yes"}', 'continue is of type string, expected a boolean'],
    ['{"extensions":[]}', 'extensions is of type array, expected an object'],
    ['{"status":1}', 'status is of type number, expected an object'],
    ['{"status":{"message":{}}}', 'message is of type object, expected a string'],
  ])('refuses an answer that is none: %s', (text, error) => {
    expect(decodeResponse(text)).toEqual({ ok: false, error });
  });

  it('answers as upstream: status always, extensions when there are some', () => {
    expect(encodeResponse({ continue: true, extensions: {}, code: 'OK', message: '' })).toBe('{"continue":true,"status":{}}');
    expect(JSON.parse(encodeResponse({ continue: false, extensions: {}, code: 'InvalidArgument', message: 'm' }))).toEqual({
      continue: false,
      status: { code: 3, message: 'm' },
    });
    expect(JSON.parse(encodeResponse({ continue: true, extensions: { a: [1] }, code: 'OK', message: '' }))).toMatchObject({
      extensions: { a: [1] },
    });
  });
});
