import { eventTypeConditions, refuseEventType } from './event-types.ts';
import { brokenInterceptor, type Interceptor, type InterceptorFactory, stop, unverifiedWarnings } from './interceptor.ts';
import { readParams } from './params.ts';
import { type SignatureScheme, signatureCheck } from './signature-check.ts';

const eventHeader = 'X-Gitlab-Event';

/** GitLab sends the secret itself. */
const scheme: SignatureScheme = {
  interceptor: 'gitlab',
  header: 'X-Gitlab-Token',
  missing: () => stop('InvalidArgument', 'no X-Gitlab-Token header set'),
  verify: ({ header, secret, outside }) =>
    outside.equalSecret(new TextEncoder().encode(header), secret) ? undefined : stop('InvalidArgument', 'Invalid X-GitLab-Token'),
};

export const gitlab: InterceptorFactory = (params, { namespace }): Interceptor => {
  const read = readParams(params, (fields) => ({ secretRef: fields.secretRef('secretRef'), eventTypes: fields.strings('eventTypes') }));
  if (!read.ok) return brokenInterceptor('gitlab', 'InvalidArgument', read.message);
  const { secretRef, eventTypes } = read.params;
  const signature = secretRef && signatureCheck(scheme, namespace, secretRef);
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
