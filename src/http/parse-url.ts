import { failure, type HttpFailure } from './failure.ts';
import { shownText, shownUrl } from './shown-url.ts';

/**
 * Parsed as browsers do it, so that an IPv4 address in any notation (`2130706433`, `0x7f.1`) is one from here on. `base`: of a redirect,
 * whose target may be relative.
 */
export function parseUrl(text: string, base?: URL): URL | HttpFailure {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    return failure('Malformed', `${JSON.stringify(shownText(text))} is no URL; expected e.g. https://example.com/hook`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return failure(
      'Refused',
      `${JSON.stringify(shownText(text))} is not called: its scheme is ${url.protocol.slice(0, -1)}, expected http or https`,
    );
  if (url.username !== '' || url.password !== '')
    return failure(
      'Refused',
      `${shownUrl(url)} is not called: the URL has a user name or a password in it; leave them out and send an Authorization header`,
    );
  return url;
}
