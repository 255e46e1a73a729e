import { firstHeader } from '../open-event.ts';
import { eventTypeConditions, refuseEventType } from './event-types.ts';
import { brokenInterceptor, type Interceptor, type InterceptorFactory, stop, unverifiedWarnings } from './interceptor.ts';
import { readParams } from './params.ts';
import { lacksHeader, type SignatureScheme, signatureCheck } from './signature-check.ts';
import { isSigningSecret, standardWebhookHeaders, verifyStandardWebhook } from './standard-webhook.ts';

const eventHeader = 'X-Gitlab-Event';
const tokenHeader = 'X-Gitlab-Token';

/**
 * GitLab's hooks have a secret token, which GitLab sends as it is, and since 2026 a signing token (`whsec_…`), with which it signs as Standard
 * Webhooks do (HMAC-SHA256). A secret of either kind asks for its own proof and is never content with the other, or whoever has read a token in
 * a log could do without the signature.
 */
const scheme: SignatureScheme = {
  interceptor: 'gitlab',
  lacks(event, secret) {
    if (secret === undefined) return undefined;
    const headers = isSigningSecret(secret) ? standardWebhookHeaders : [tokenHeader];
    return lacksHeader(event, headers, (name) => stop('InvalidArgument', `no ${name} header set`));
  },
  verify(proof) {
    const { event, secret, outside } = proof;
    if (isSigningSecret(secret)) return verifyStandardWebhook(proof);
    const token = new TextEncoder().encode(firstHeader(event, tokenHeader));
    return outside.equalSecret(token, secret) ? undefined : stop('InvalidArgument', 'Invalid X-GitLab-Token');
  },
};

export const gitlab: InterceptorFactory = (params, { namespace }): Interceptor => {
  const read = readParams(params, (fields) => ({ secretRefs: fields.secretRefs(), eventTypes: fields.strings('eventTypes') }));
  if (!read.ok) return brokenInterceptor('gitlab', 'InvalidArgument', read.message);
  const { secretRefs, eventTypes } = read.params;
  const signature = secretRefs && signatureCheck(scheme, namespace, secretRefs);
  return {
    name: 'gitlab',
    signature,
    warnings: unverifiedWarnings('gitlab', signature !== undefined),
    conditions: eventTypeConditions(eventHeader, eventTypes),
    async intercept({ event, outside }) {
      return refuseEventType(event, eventHeader, eventTypes) ?? (await signature?.refuse(event, outside)) ?? { outcome: 'continue' };
    },
  };
};
