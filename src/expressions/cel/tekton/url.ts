import { goQuote } from '../../variables/go-quote.ts';
import { invalidArgument, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { method, type Overload } from '../functions.ts';
import { lengthWithin, spend } from '../limits.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import type { CelValue } from '../values.ts';

/** A part of a URL that Go's parser refuses. */
interface Refused {
  readonly refused: string;
}

function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** Go's `url.Parse`, which is not the browsers' parser: relative references are fine, nothing is normalised. */
export function parseUrl(text: string): CelValue | Refused {
  if (/[\u0000-\u001f\u007f]/.test(text)) return { refused: 'net/url: invalid control character in URL' };
  const hash = text.indexOf('#');
  const withoutFragment = hash < 0 ? text : text.slice(0, hash);
  const fragment = percentDecode(hash < 0 ? '' : text.slice(hash + 1), 'other');
  if (isRefused(fragment)) return fragment;
  if (withoutFragment.startsWith(':')) return { refused: 'missing protocol scheme' };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(withoutFragment)?.[1] ?? '';
  const afterScheme = scheme === '' ? withoutFragment : withoutFragment.slice(scheme.length + 1);
  const question = afterScheme.indexOf('?');
  const rawQuery = question < 0 ? '' : afterScheme.slice(question + 1);
  const rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  // `mailto:x`: Go calls the rest opaque; it is in neither host nor path.
  const opaque = scheme !== '' && !rest.startsWith('/');
  if (scheme === '' && /^[^/]*:/.test(rest)) return { refused: 'first path segment in URL cannot contain colon' };
  const authority = /^\/\/([^/]*)/.exec(rest);
  const path = percentDecode(opaque ? '' : authority ? rest.slice(authority[0].length) : rest, 'other');
  if (isRefused(path)) return path;
  const at = authority?.[1]?.lastIndexOf('@') ?? -1;
  const host = hostOf(authority?.[1]?.slice(at + 1) ?? '');
  if (isRefused(host)) return host;
  const auth = at < 0 ? undefined : userOf(authority?.[1]?.slice(0, at) ?? '');
  if (isRefused(auth)) return auth;
  const queryStrings = queryOf(rawQuery);
  const query = [...queryStrings].map(([key, values]) => [key, values.join(',')] as const);
  return {
    scheme: scheme.toLowerCase(),
    host,
    path,
    rawQuery,
    fragment,
    query: Object.fromEntries(query),
    queryStrings: Object.fromEntries(queryStrings),
    ...(auth && { auth }),
  };
}

type Place = 'query' | 'other';

/** Percent-decoding; in a query `+` is a space. */
function percentDecode(text: string, place: Place): string | Refused {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  if (bad) return { refused: `invalid URL escape ${JSON.stringify(bad[0])}` };
  const spaced = place === 'query' ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  const octets: number[] = [];
  for (const part of spaced.match(/%[0-9a-fA-F]{2}|[^%]+/g) ?? []) {
    if (part.startsWith('%')) octets.push(Number.parseInt(part.slice(1), 16));
    else for (const octet of encodeUtf8(part)) octets.push(octet);
  }
  const bytes = Uint8Array.from(octets);
  return decodeUtf8(bytes) ?? new TextDecoder().decode(bytes);
}

function hostOf(text: string): string | Refused {
  if (/[ <>"]/.test(text)) return { refused: `invalid character ${JSON.stringify(/[ <>"]/.exec(text)?.[0])} in host name` };
  const port = text.startsWith('[') ? /\](.*)$/.exec(text)?.[1] : /(:.*)$/.exec(text)?.[1];
  if (text.startsWith('[') && port === undefined) return { refused: "missing ']' in host" };
  if (port && !/^:[0-9]*$/.test(port)) return { refused: `invalid port ${JSON.stringify(port)} after host` };
  return percentDecode(text, 'other');
}

function userOf(text: string): { readonly username: string; readonly password: string } | Refused {
  const colon = text.indexOf(':');
  const username = percentDecode(colon < 0 ? text : text.slice(0, colon), 'other');
  const password = percentDecode(colon < 0 ? '' : text.slice(colon + 1), 'other');
  if (isRefused(username)) return username;
  return isRefused(password) ? password : { username, password };
}

/** Pairs that Go cannot read (a semicolon, a bad escape) are left out, as its `Query()` does. */
function queryOf(rawQuery: string): ReadonlyMap<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of rawQuery.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = percentDecode(equals < 0 ? pair : pair.slice(0, equals), 'query');
    const value = percentDecode(equals < 0 ? '' : pair.slice(equals + 1), 'query');
    if (isRefused(key) || isRefused(value)) continue;
    const known = values.get(key);
    if (known) known.push(value);
    else values.set(key, [value]);
  }
  return values;
}

function parse(text: string, frame: Frame): Result {
  const spent = lengthWithin(frame, text.length) ?? spend(frame, 30 + text.length);
  if (spent) return spent;
  const parsed = parseUrl(text);
  if (!isRefused(parsed)) return parsed;
  return invalidArgument(`failed to decode '${text}' in parseURL: parse ${goQuote(text)}: ${parsed.refused}`);
}

export const urlFunctions: readonly Overload[] = [method('parseURL', ['string'], 'map(string, dyn)', parse)];
