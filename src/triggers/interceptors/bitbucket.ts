import { ALLOW_SHA1 } from '../listener-policy.ts';
import { firstHeader } from '../open-event.ts';
import { eventTypeConditions, refuseEventType } from './event-types.ts';
import { type HashName, verifyHmacHeader } from './hmac-header.ts';
import {
  brokenInterceptor,
  type Interceptor,
  type InterceptorFactory,
  type ListenerPolicy,
  stop,
  unverifiedWarnings,
} from './interceptor.ts';
import { readParams } from './params.ts';
import { lacksHeader, type SignatureScheme, signatureCheck } from './signature-check.ts';

const eventHeader = 'X-Event-Key';
const signatureHeader = 'X-Hub-Signature';
const allowSha1 = `annotate the listener with ${ALLOW_SHA1}: "true"`;

/**
 * Bitbucket Cloud and Bitbucket Data Center sign with SHA-256, in the header that is SHA-1's at GitHub. SHA-1 comes from old servers and
 * plugins, and from upstream's own example: it is taken only where the listener's policy has it.
 */
function schemeOf({ sha1 }: ListenerPolicy): SignatureScheme {
  const hashes: readonly HashName[] = sha1 === 'refuse' ? ['sha256', 'sha512'] : ['sha256', 'sha512', 'sha1'];
  const remedy = `for a server that has nothing better ${allowSha1}`;
  return {
    interceptor: 'bitbucket',
    lacks: (event) => lacksHeader(event, [signatureHeader], (name) => stop('InvalidArgument', `no ${name} header set`)),
    verify: (proof) =>
      verifyHmacHeader(proof, {
        value: firstHeader(proof.event, signatureHeader),
        hashes,
        remedy,
        refuse: (reason) => stop('FailedPrecondition', `error validating signature: ${reason}`),
      }),
  };
}

function sha1Warnings({ sha1 }: ListenerPolicy): readonly string[] {
  if (sha1 !== 'warn') return [];
  return [
    `bitbucket: signatures by SHA-1 are taken, since only this machine can reach the listener; to take them from other machines ${allowSha1}`,
  ];
}

export const bitbucket: InterceptorFactory = (params, { namespace, policy }): Interceptor => {
  const read = readParams(params, (fields) => ({ secretRefs: fields.secretRefs(), eventTypes: fields.strings('eventTypes') }));
  if (!read.ok) return brokenInterceptor('bitbucket', 'InvalidArgument', read.message);
  const { secretRefs, eventTypes } = read.params;
  const signature = secretRefs && signatureCheck(schemeOf(policy), namespace, secretRefs);
  return {
    name: 'bitbucket',
    signature,
    warnings: signature === undefined ? unverifiedWarnings('bitbucket', false) : sha1Warnings(policy),
    conditions: eventTypeConditions(eventHeader, eventTypes),
    async intercept({ event, outside }) {
      return refuseEventType(event, eventHeader, eventTypes) ?? (await signature?.refuse(event, outside)) ?? { outcome: 'continue' };
    },
  };
};
