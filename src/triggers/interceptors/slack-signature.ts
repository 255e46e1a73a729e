import { goQuote } from '../../expressions/variables/go-quote.ts';
import { firstHeader } from '../open-event.ts';
import { readHex, signatureFailed } from './hmac-header.ts';
import { stop } from './interceptor.ts';
import { lacksHeader, type SignatureScheme } from './signature-check.ts';
import { signedBytes } from './signed-bytes.ts';
import { staleTime } from './signed-time.ts';

export const slackSignatureHeader = 'X-Slack-Signature';
const timeHeader = 'X-Slack-Request-Timestamp';

/** Slack signs with HMAC-SHA256 by the app's signing secret: `v0=<hex>` over `v0:<X-Slack-Request-Timestamp>:<raw body>`. */
export const slackScheme: SignatureScheme = {
  interceptor: 'slack',
  lacks: (event) => lacksHeader(event, [slackSignatureHeader, timeHeader], (name) => stop('FailedPrecondition', `no ${name} header set`)),
  verify({ event, secret, outside }) {
    const time = firstHeader(event, timeHeader);
    const stale = staleTime(timeHeader, time, outside.now());
    if (stale !== undefined) return stop('FailedPrecondition', stale);
    const header = firstHeader(event, slackSignatureHeader);
    const hex = header.startsWith('v0=') ? readHex(header.slice('v0='.length)) : undefined;
    if (hex === undefined) {
      return stop('FailedPrecondition', `error parsing signature ${goQuote(header.slice(0, 200))}, expected v0=<hex>`);
    }
    const content = signedBytes(`v0:${time}:`, event.body);
    return outside.verifyHmac('sha256', secret, content, hex) ? undefined : stop('FailedPrecondition', signatureFailed);
  },
};
