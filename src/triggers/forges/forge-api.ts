import { timestamp } from '../../resources/timestamp.ts';
import type { HttpResponse, HttpResult } from '../http-exchange.ts';
import type { OpenEvent } from '../open-event.ts';
import type { Outside } from '../outside.ts';
import { textField } from './json-field.ts';
import type { ForgeToken } from './read-token.ts';

/** Where a forge's API is and what it is asked with. */
export interface ForgeAccess {
  /** Ends in a slash. The token goes to this origin and to no other. */
  readonly baseUrl: string;
  /** The author of the configuration named this server. */
  readonly privateNetwork: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly token?: ForgeToken | undefined;
}

export type ForgeAnswer =
  | { readonly outcome: 'found'; readonly url: string; readonly text: string; readonly next: string | undefined }
  /** 404: not there, or not to be seen with this token. */
  | { readonly outcome: 'absent'; readonly message: string }
  /** Nothing can be concluded from it. */
  | { readonly outcome: 'trouble'; readonly message: string };

export type ForgeJson = { readonly ok: true; readonly value: unknown } | Unanswered;
export type ForgeList = { readonly ok: true; readonly elements: readonly unknown[] } | Unanswered;

interface Unanswered {
  readonly ok: false;
  readonly absent: boolean;
  readonly message: string;
}

export interface ForgeApi {
  get(path: string, options?: GetOptions): Promise<ForgeAnswer>;
  getJson(path: string): Promise<ForgeJson>;
  /** The elements of a list in pages, as the `Link` header tells them. More than `maxPages` are trouble. */
  getPages(path: string, maxPages: number): Promise<ForgeList>;
}

interface GetOptions {
  readonly accept?: string | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * For all one interceptor asks about an event. Upstream gives its interceptors 3 seconds, which a pull request of some thousand files
 * outlasts.
 */
const WITHIN_MS = 10_000;
const MAX_REDIRECTS = 3;
/** A page of a hundred changed files has their patches in it. */
const PAGE_BYTES = 16 * 1024 * 1024;
const LONGEST_WORDS = 200;

/**
 * Asks a forge about an event. What several triggers ask of one event with the same token is asked once. Redirects, as for repositories that
 * were renamed, are followed within the origin only: the token never leaves it, whatever the client does.
 */
export function forgeApi(access: ForgeAccess, event: OpenEvent, outside: Outside): ForgeApi {
  const { origin } = new URL(access.baseUrl);
  const deadline = outside.elapsed() + WITHIN_MS;

  async function get(path: string, { accept = 'application/json', maxBytes }: GetOptions = {}): Promise<ForgeAnswer> {
    if (!URL.canParse(path, access.baseUrl)) return { outcome: 'trouble', message: `GET ${cut(path)}: no address below ${access.baseUrl}` };
    let url = new URL(path, access.baseUrl);
    for (let redirects = 0; ; redirects++) {
      if (url.origin !== origin) return trouble(url, `leads away from ${origin}: not followed, the token is for that server only`);
      const result = await ask(url.href, accept, maxBytes);
      if (!result.ok) return { outcome: 'trouble', message: result.message };
      const location = redirectOf(result.response);
      if (location === undefined) return answerOf(url, result.response);
      if (redirects >= MAX_REDIRECTS || !URL.canParse(location, url.href))
        return trouble(url, `redirects to ${cut(location)}: not followed`);
      url = new URL(location, url);
    }
  }

  function ask(url: string, accept: string, maxResponseBytes: number | undefined): Promise<HttpResult> {
    const key = JSON.stringify([access.token?.id ?? '', accept, url]);
    const known = event.answers.get(key);
    if (known !== undefined) return known;
    const timeoutMs = Math.ceil(deadline - outside.elapsed());
    if (timeoutMs <= 0) return Promise.resolve({ ok: false, code: 'Timeout', message: `not asked: ${WITHIN_MS / 1000} s were not enough` });
    const { privateNetwork, token } = access;
    const headers = { ...access.headers, Accept: accept, 'User-Agent': 'tappet', ...token?.header };
    const answer = outside.http({ method: 'GET', url, headers, timeoutMs, maxResponseBytes, maxRedirects: 0, privateNetwork });
    event.answers.set(key, answer);
    return answer;
  }

  async function getJson(path: string): Promise<ForgeJson> {
    const answer = await get(path);
    return answer.outcome === 'found' ? parsed(answer.url, answer.text) : unanswered(answer);
  }

  async function getPages(path: string, maxPages: number): Promise<ForgeList> {
    const elements: unknown[] = [];
    let next: string | undefined = path;
    for (let page = 0; next !== undefined; page++) {
      if (page >= maxPages) return { ok: false, absent: false, message: `GET ${next}: more than ${maxPages} pages are not read` };
      const answer: ForgeAnswer = await get(next, { maxBytes: PAGE_BYTES });
      if (answer.outcome !== 'found') return unanswered(answer);
      const json = parsed(answer.url, answer.text);
      if (!json.ok) return json;
      if (!Array.isArray(json.value)) return { ok: false, absent: false, message: `GET ${answer.url}: answered no list` };
      for (const element of json.value) elements.push(element);
      next = answer.next;
    }
    return { ok: true, elements };
  }

  return { get, getJson, getPages };
}

function answerOf(url: URL, response: HttpResponse): ForgeAnswer {
  const { status, statusText, body } = response;
  const text = new TextDecoder().decode(body);
  if (status >= 200 && status < 300) return { outcome: 'found', url: url.href, text, next: nextPage(response) };
  const words = [`GET ${url.href}: ${status} ${statusText}`.trimEnd(), wordsOf(text), limitOf(response)].filter((part) => part !== '');
  return { outcome: status === 404 ? 'absent' : 'trouble', message: words.join(': ') };
}

function trouble(url: URL, what: string): ForgeAnswer {
  return { outcome: 'trouble', message: `GET ${url.href}: ${what}` };
}

function unanswered({ outcome, message }: Exclude<ForgeAnswer, { readonly outcome: 'found' }>): Unanswered {
  return { ok: false, absent: outcome === 'absent', message };
}

function parsed(url: string, text: string): ForgeJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, absent: false, message: `GET ${url}: answered no JSON` };
  }
}

/** What the forge says about its refusal. */
function wordsOf(text: string): string {
  const json = parsed('', text);
  return json.ok ? cut(textField(json.value, 'message')) : '';
}

function limitOf(response: HttpResponse): string {
  const reset = Number(header(response, 'X-Ratelimit-Reset'));
  const usedUp = header(response, 'X-Ratelimit-Remaining') === '0' && (response.status === 403 || response.status === 429);
  if (usedUp && Number.isSafeInteger(reset) && reset > 0 && reset < 1e11)
    return `the rate limit is used up until ${timestamp(reset * 1000)}`;
  const wait = header(response, 'Retry-After');
  return /^\d{1,9}$/.test(wait) ? `to be asked again in ${wait} s` : '';
}

function redirectOf(response: HttpResponse): string | undefined {
  const location = header(response, 'Location');
  return [301, 302, 307, 308].includes(response.status) && location !== '' ? location : undefined;
}

/** `<https://…>; rel="next", <https://…>; rel="last"` */
function nextPage(response: HttpResponse): string | undefined {
  for (const part of header(response, 'Link').split(',')) {
    const [, url] = /^\s*<([^<>]*)>/.exec(part) ?? [];
    if (url !== undefined && /;\s*rel="?next"?\s*(;|$)/.test(part)) return url;
  }
  return undefined;
}

function header({ headers }: HttpResponse, name: string): string {
  return Object.hasOwn(headers, name) ? (headers[name]?.[0] ?? '') : '';
}

function cut(text: string): string {
  return text.length > LONGEST_WORDS ? `${text.slice(0, LONGEST_WORDS)}…` : text;
}
