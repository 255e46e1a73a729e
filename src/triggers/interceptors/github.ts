import { firstHeader, type OpenEvent } from '../open-event.ts';
import { changedFilesOfPush } from './changed-files.ts';
import { eventTypeConditions, refuseEventType } from './event-types.ts';
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
import { type SignatureScheme, signatureCheck, verifyHmacHeader } from './signature-check.ts';

const eventHeader = 'X-Github-Event';
const changedFilesMissing = 'addChangedFiles for pull_request asks the GitHub API, which this version does not do yet';
const ownersMissing = 'githubOwners asks the GitHub API, which this version does not do yet';

/** Upstream accepts SHA-1 here too; GitHub never sends it in this header, so that only an attacker would (reference/triggers.md B.2). */
const scheme: SignatureScheme = {
  interceptor: 'github',
  header: 'X-Hub-Signature-256',
  missing: () => stop('FailedPrecondition', 'no X-Hub-Signature-256 header set'),
  verify: (proof) =>
    verifyHmacHeader(proof, ['sha256', 'sha512'], 'payload signature check failed', (reason) => stop('FailedPrecondition', reason)),
};

/** Checks and their order: reference/triggers.md 2.5. */
export const github: InterceptorFactory = (params, { namespace }): Interceptor => {
  const read = readParams(params, (fields) => ({
    secretRef: fields.secretRef('secretRef'),
    eventTypes: fields.strings('eventTypes'),
    addChangedFiles: fields.struct('addChangedFiles')?.boolean('enabled') ?? false,
    githubOwners: fields.struct('githubOwners')?.boolean('enabled') ?? false,
  }));
  if (!read.ok) return brokenInterceptor('github', 'InvalidArgument', read.message);
  const { secretRef, eventTypes, addChangedFiles, githubOwners } = read.params;
  const signature = secretRef && signatureCheck(scheme, namespace, secretRef);

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
