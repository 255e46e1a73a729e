import { firstHeader, type OpenEvent } from '../open-event.ts';
import { addChangedFiles } from './add-changed-files.ts';
import { eventTypeConditions, refuseEventType } from './event-types.ts';
import { githubApiParams } from './github-api-params.ts';
import { githubOwners } from './github-owners.ts';
import { verifyHmacHeader } from './hmac-header.ts';
import { brokenInterceptor, type Interceptor, type InterceptorFactory, stop, unverifiedWarnings } from './interceptor.ts';
import { readParams } from './params.ts';
import { type SignatureScheme, signatureCheck } from './signature-check.ts';

const eventHeader = 'X-Github-Event';

const signatureHeader = 'X-Hub-Signature-256';
/** Hexadecimal digits without a prefix. */
const giteaHeaders = ['X-Gitea-Signature', 'X-Forgejo-Signature', 'X-Gogs-Signature'] as const;

/**
 * GitHub signs with SHA-256. Upstream takes SHA-1 in this header too; GitHub never sends it there, so that only an attacker would
 * (reference/triggers.md B.2), and the `X-Hub-Signature` of old GitHub Enterprise servers is not looked at: those still supported send both.
 * Gitea and Forgejo send GitHub's header as well; their older versions and Gogs only headers of their own, by SHA-256 too.
 */
const scheme: SignatureScheme = {
  interceptor: 'github',
  lacks(event) {
    const there = [signatureHeader, ...giteaHeaders].some((name) => firstHeader(event, name) !== '');
    return there ? undefined : stop('FailedPrecondition', `no ${signatureHeader} header set`);
  },
  verify(proof) {
    const value = firstHeader(proof.event, signatureHeader) || giteaSignature(proof.event);
    return verifyHmacHeader(proof, { value, hashes: ['sha256', 'sha512'], refuse: (reason) => stop('FailedPrecondition', reason) });
  },
};

function giteaSignature(event: OpenEvent): string {
  return `sha256=${giteaHeaders.map((name) => firstHeader(event, name)).find((value) => value !== '') ?? ''}`;
}

/** Checks and their order: reference/triggers.md 2.5. */
export const github: InterceptorFactory = (params, { namespace }): Interceptor => {
  const read = readParams(params, (fields) => ({
    secretRefs: fields.secretRefs(),
    eventTypes: fields.strings('eventTypes'),
    api: githubApiParams(fields),
  }));
  if (!read.ok) return brokenInterceptor('github', 'InvalidArgument', read.message);
  const { secretRefs, eventTypes, api } = read.params;
  if (api.defect !== undefined) return brokenInterceptor('github', 'InvalidArgument', api.defect);
  const signature = secretRefs && signatureCheck(scheme, namespace, secretRefs);

  return {
    name: 'github',
    signature,
    warnings: [...unverifiedWarnings('github', signature !== undefined), ...api.warnings],
    conditions: eventTypeConditions(eventHeader, eventTypes),
    async intercept(call) {
      const { event, outside } = call;
      if (firstHeader(event, 'Content-Type') === 'application/x-www-form-urlencoded') {
        return stop('InvalidArgument', 'form parameter encoding not supported, please change the hook to send JSON payloads');
      }
      const refused = refuseEventType(event, eventHeader, eventTypes) ?? (await signature?.refuse(event, outside));
      if (refused !== undefined) return refused;
      const asked = { ...call, eventType: firstHeader(event, eventHeader), hosts: api.hosts, verified: signature !== undefined };
      // As upstream: with changed files the owners are not looked at.
      if (api.addChangedFiles !== undefined) return addChangedFiles(asked, api.addChangedFiles);
      return api.githubOwners === undefined ? { outcome: 'continue' } : githubOwners(asked, api.githubOwners);
    },
  };
};
