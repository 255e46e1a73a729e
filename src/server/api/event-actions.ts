import type { Express, Request } from 'express';
import type { EventActions, Judged, Refused, ReplayRequest } from '../../events/event-actions.ts';
import { z } from '../../resources/zod.ts';
import { ApiError, badRequest, causesOf } from './api-error.ts';
import { readJson } from './json-request.ts';
import { queryText } from './query.ts';

const EVENT = '/apis/tappet.dev/v1alpha1/events/:id';
const API_VERSION = 'tappet.dev/v1alpha1';
/** An event's payload and a folder of configuration. */
const MAX_REQUEST_BYTES = 24 * 1024 * 1024;
/** What a header's value must not have; names are tokens. */
const header = z.string().regex(/^[^\0\r\n]*$/, 'a header has no line breaks');

const replayRequest: z.ZodType<ReplayRequest> = z.strictObject({
  payload: z.record(z.string(), z.unknown()).optional(),
  headers: z
    .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'not a name of a header'), z.union([header, z.array(header), z.null()]))
    .optional(),
  dryRun: z.boolean().optional(),
  configuration: z.array(z.unknown()).optional(),
});

/** `GET …/events/<id>/explain?trigger=NAME` and `…/trigger-test`, `POST …/events/<id>/replay` and `…/retry`. */
export function serveEventActions(app: Express, actions: EventActions | undefined): void {
  if (actions === undefined) return;
  app.get(`${EVENT}/explain`, async (request, response) => {
    const { id } = request.params;
    const trigger = queryText(request.query['trigger']);
    if (trigger === undefined || trigger === '') throw badRequest('?trigger= is missing: whose verdict?');
    const { verdicts } = unlessRefused(await actions.explain(id, trigger));
    response.json({ kind: 'EventExplanation', apiVersion: API_VERSION, eventId: id, trigger, verdicts });
  });
  app.get(`${EVENT}/trigger-test`, async (request, response) => {
    response.json(unlessRefused(await actions.asTest(request.params.id)).test);
  });
  app.post(`${EVENT}/replay`, async (request, response) => {
    const { id } = request.params;
    const result = unlessRefused(await actions.replay(id, await readReplay(request)));
    const common = { kind: 'EventReplay', apiVersion: API_VERSION, replayOf: id };
    if (result.outcome === 'taken') response.status(202).json({ ...common, eventId: result.eventId });
    else response.json({ ...common, dryRun: true, ...judged(result) });
  });
  app.post(`${EVENT}/retry`, async (request, response) => {
    const { eventId } = unlessRefused(await actions.retry(request.params.id));
    response.status(202).json({ kind: 'EventRetry', apiVersion: API_VERSION, eventId });
  });
}

function judged({ verdicts, changes }: Judged): Pick<Judged, 'verdicts' | 'changes'> {
  return { verdicts, changes };
}

async function readReplay(request: Request): Promise<ReplayRequest> {
  const parsed = replayRequest.safeParse((await readJson(request, ['application/json'], MAX_REQUEST_BYTES)) ?? {});
  if (parsed.success) return parsed.data;
  throw badRequest(
    `invalid replay: ${parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ')}`,
  );
}

const STATUS: Readonly<Record<Refused['reason'], readonly [status: number, reason: string]>> = {
  NotFound: [404, 'NotFound'],
  Conflict: [409, 'Conflict'],
  Invalid: [422, 'Invalid'],
  Unavailable: [503, 'ServiceUnavailable'],
};

function unlessRefused<T extends { readonly outcome: string }>(result: T | Refused): T {
  if (!isRefused(result)) return result;
  const { reason, message, errors } = result;
  const [status, name] = STATUS[reason];
  const details = errors === undefined ? {} : { causes: causesOf(errors) };
  throw new ApiError(status, name, message, reason === 'Unavailable' ? { ...details, retryAfterSeconds: 5 } : details);
}

function isRefused(result: { readonly outcome: string }): result is Refused {
  return result.outcome === 'refused';
}
