import type { Request } from 'express';
import type { Clock } from '../../../ports/clock.ts';
import { timestamp } from '../../../resources/timestamp.ts';
import { badRequest } from '../api-error.ts';
import { APPLY } from '../patches/read-patch.ts';
import { queryText } from '../query.ts';
import type { ResourcePath } from '../resource-path.ts';
import type { Writer } from './managers.ts';

const LONGEST = 128;

/** Who writes: `fieldManager`, or the name of the client's program. An apply has to say it. */
export function writerOf(request: Request, { subresource }: ResourcePath, clock: Clock): Writer {
  const named = queryText(request.query['fieldManager']);
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (named === undefined && mediaType === APPLY)
    throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  if (named !== undefined && (named.length > LONGEST || !/^[\x20-\x7e]+$/.test(named))) {
    throw badRequest(`invalid fieldManager ${JSON.stringify(named)}: expected at most ${LONGEST} printable characters`);
  }
  const program = request.headers['user-agent']?.split('/', 1)[0] ?? 'unknown';
  return {
    manager: named ?? program.slice(0, LONGEST),
    subresource: subresource === 'status' ? 'status' : undefined,
    time: timestamp(clock.now()),
  };
}
