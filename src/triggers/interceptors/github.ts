import { firstHeader, type OpenEvent } from '../open-event.ts';
import { changedFilesOfPush } from './changed-files.ts';
import { eventTypeConditions, refuseEventType } from './event-types.ts';
import { verifyHmacHeader } from './hmac-header.ts';
import {
  brokenInterceptor,
  type Interceptor,
  type InterceptorAnswer,
  type InterceptorFactory,
  stop,
  unverifiedWarnings,
  wrong,
} from './interceptor.ts';
import { readParams } from './params.ts';
import { type SignatureScheme, signatureCheck } from './signature-check.ts';

const eventHeader = 'X-Github-Event';
const changedFilesMissing = 'addChangedFiles for pull_request asks the GitHub API, which this version does not do yet';
const ownersMissing = 'githubOwners asks the GitHub API, which this version does not do yet';

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
    addChangedFiles: fields.struct('addChangedFiles')?.boolean('enabled') ?? false,
    githubOwners: fields.struct('githubOwners')?.boolean('enabled') ?? false,
  }));
  if (!read.ok) return brokenInterceptor('github', 'InvalidArgument', read.message);
  const { secretRefs, eventTypes, addChangedFiles, githubOwners } = read.params;
  const signature = secretRefs && signatureCheck(scheme, namespace, secretRefs);

  return {
    name: 'github',
    signature,
    warnings: [
      ...unverifiedWarnings('github', signature !== undefined),
      ...(addChangedFiles ? [changedFilesMissing] : []),
      ...(githubOwners ? [ownersMissing] : []),
    ],
    conditions: eventTypeConditions(eventHeader, eventTypes),
    async intercept({ event, outside }) {
      if (firstHeader(event, 'Content-Type') === 'application/x-www-form-urlencoded') {
        return stop('InvalidArgument', 'form parameter encoding not supported, please change the hook to send JSON payloads');
      }
      const refused = refuseEventType(event, eventHeader, eventTypes) ?? (await signature?.refuse(event, outside));
      if (refused !== undefined) return refused;
      // As upstream: with changed files the owners are not looked at.
      if (addChangedFiles) return changedFiles(event);
      return githubOwners ? owners(event) : { outcome: 'continue' };
    },
  };
};

function changedFiles(event: OpenEvent): InterceptorAnswer {
  switch (firstHeader(event, eventHeader)) {
    case 'push': {
      const files = changedFilesOfPush(event);
      if (!files.ok) return stop('FailedPrecondition', `error parsing body: ${files.error}`);
      return { outcome: 'continue', extensions: { changed_files: files.names.join(',') } };
    }
    case 'pull_request':
      return wrong('Unimplemented', changedFilesMissing);
    default:
      return { outcome: 'continue' };
  }
}

function owners(event: OpenEvent): InterceptorAnswer {
  const type = firstHeader(event, eventHeader);
  if (type !== 'pull_request' && type !== 'issue_comment') return { outcome: 'continue' };
  return wrong('Unimplemented', ownersMissing);
}
