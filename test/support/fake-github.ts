import type { HttpRequest, HttpResult, SendHttp } from '../../src/triggers/http-exchange.ts';

export interface FakeGithub {
  readonly http: SendHttp;
  /** Every request, in order. */
  readonly requests: readonly HttpRequest[];
  /** `GET` paths below the API, with query. */
  paths(): readonly string[];
}

export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text as it is. */
  readonly body?: unknown;
}

/** What a path is answered with; a failure of the network by its message. */
type Answers = Readonly<Record<string, Canned | string>>;

/** GitHub's API in the shapes it documents: 404 for what it has not been told. */
export function fakeGithub(answers: Answers, apiUrl = 'https://api.github.com'): FakeGithub {
  const requests: HttpRequest[] = [];
  const http: SendHttp = async (request) => {
    requests.push(request);
    const path = request.url.startsWith(`${apiUrl}/`) ? request.url.slice(apiUrl.length) : request.url;
    const canned = Object.hasOwn(answers, path) ? answers[path] : { status: 404, body: { message: 'Not Found' } };
    if (typeof canned === 'string') return { ok: false, code: 'Unreachable', message: canned };
    return answer(request.url, canned ?? {});
  };
  return { http, requests, paths: () => requests.map(({ url }) => (url.startsWith(apiUrl) ? url.slice(apiUrl.length) : url)) };
}

const statusTexts: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  403: 'Forbidden',
  404: 'Not Found',
  502: 'Bad Gateway',
};

function answer(url: string, { status = 200, headers = {}, body }: Canned): HttpResult {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ok: true,
    response: {
      status,
      statusText: statusTexts[status] ?? '',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      body: new TextEncoder().encode(text),
      url,
    },
  };
}
