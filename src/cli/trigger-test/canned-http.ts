import { canonicalHeader } from '../../expressions/jsonpath/canonical-header.ts';
import type { Http } from '../../ports/http.ts';
import type { CannedAnswer } from '../../resources/trigger-test/schema.ts';
import { hasText } from './text-matcher.ts';

/** Nobody is reached: whoever asks gets the first answer that fits, or is told that the test has none. */
export function cannedHttp(answers: readonly CannedAnswer[]): Http {
  return {
    async send({ method, url }) {
      const found = answers.find((answer) => (answer.method ?? method) === method && isUrl(url, answer.url));
      if (found === undefined) {
        return { ok: false, code: 'Unreachable', message: `the test has no answer for ${method} ${url} (spec.http)` };
      }
      const { status = 200, headers = {}, body = '' } = found;
      const isText = typeof body === 'string';
      const given = Object.entries(headers).map(([name, value]) => [canonicalHeader(name), [value]]);
      return {
        ok: true,
        response: {
          status,
          statusText: '',
          headers: { 'Content-Type': [isText ? 'text/plain' : 'application/json'], ...Object.fromEntries(given) },
          body: Buffer.from(isText ? body : JSON.stringify(body)),
          url,
        },
      };
    },
    close: async () => {},
  };
}

/** The whole URL, or between slashes a regular expression. */
function isUrl(url: string, expected: string): boolean {
  return expected.startsWith('/') ? hasText(url, expected) : url === expected;
}
