import { eventTypeConditions, refuseEventType } from './event-types.ts';
import { brokenInterceptor, type Interceptor, type InterceptorFactory, stop, unverifiedWarnings } from './interceptor.ts';
import { readParams } from './params.ts';
import { type SignatureScheme, signatureCheck, verifyHmacHeader } from './signature-check.ts';

const eventHeader = 'X-Event-Key';

/** `X-Hub-Signature` is Bitbucket Server's documented header; older servers sign with SHA-1. */
const scheme: SignatureScheme = {
  interceptor: 'bitbucket',
  header: 'X-Hub-Signature',
  missing: () => stop('InvalidArgument', 'no X-Hub-Signature header set'),
  verify: (proof) =>
    verifyHmacHeader(proof, ['sha1', 'sha256', 'sha512'], 'payload signature check failed', (reason) =>
      stop('FailedPrecondition', `error validating signature: ${reason}`),
    ),
};

export const bitbucket: InterceptorFactory = (params, { namespace }): Interceptor => {
  const read = readParams(params, (fields) => ({ secretRef: fields.secretRef('secretRef'), eventTypes: fields.strings('eventTypes') }));
  if (!read.ok) return brokenInterceptor('bitbucket', 'InvalidArgument', read.message);
  const { secretRef, eventTypes } = read.params;
  const signature = secretRef && signatureCheck(scheme, namespace, secretRef);
  return {
    name: 'bitbucket',
    signature,
    warnings: unverifiedWarnings('bitbucket', signature !== undefined),
    conditions: eventTypeConditions(eventHeader, eventTypes),
    async intercept({ event, outside }) {
      return refuseEventType(event, eventHeader, eventTypes) ?? (await signature?.refuse(event, outside)) ?? { outcome: 'continue' };
    },
  };
};
