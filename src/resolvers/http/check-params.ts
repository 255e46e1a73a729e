import { goQuote } from '../../expressions/variables/go-quote.ts';

/** What is wrong with the params, in the order and words of tektoncd/pipeline pkg/resolution/resolver/http, `PopulateDefaultParams`. */
export function checkParams(params: ReadonlyMap<string, string>): string | undefined {
  const url = params.get('url');
  const badUrl = url === undefined ? undefined : checkUrl(url);
  if (badUrl !== undefined) return badUrl;
  return (
    checkPair(params, 'http-username', 'http-password-secret') ??
    checkPair(params, 'http-password-secret', 'http-username') ??
    (url === undefined ? 'missing required http resolver params: url' : undefined)
  );
}

function checkUrl(url: string): string | undefined {
  const shown = withoutCredentials(url);
  // As Go has it: an absolute URL, or a path.
  if (!/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(url)) return `cannot parse url ${shown}: parse ${goQuote(shown)}: invalid URI for request`;
  if (!/^https?:\/\//i.test(url)) return `url ${shown} is not a valid http(s) url`;
  return URL.canParse(url) ? undefined : `cannot parse url ${shown}: parse ${goQuote(shown)}: invalid URI for request`;
}

function checkPair(params: ReadonlyMap<string, string>, param: string, other: string): string | undefined {
  const value = params.get(param);
  if (value === undefined) return undefined;
  if (!params.has(other)) return `missing required param ${other} when using ${param}`;
  return value === '' ? `value ${param} cannot be empty` : undefined;
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//…@');
}
