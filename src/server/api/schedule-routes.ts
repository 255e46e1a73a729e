import type { Request, Response } from 'express';
import type { Scheduler } from '../../events/schedules/scheduler.ts';
import { ApiError, notFound } from './api-error.ts';

/** `POST …/schedules/<name>/run`: fires a schedule now. 202 with the event, which goes the way of any tick. */
export async function runSchedule(
  schedules: Pick<Scheduler, 'runNow'>,
  request: Request<{ namespace: string; name: string }>,
  response: Response,
): Promise<void> {
  const { namespace, name } = request.params;
  const answer = await schedules.runNow(`${namespace}/${name}`);
  switch (answer.outcome) {
    case 'unknown':
      throw notFound('schedules', 'tappet.dev', name);
    case 'busy':
      throw new ApiError(503, 'ServiceUnavailable', 'too many events are waiting; try again', { retryAfterSeconds: 5 });
    case 'accepted': {
      const { eventId, scheduledFor } = answer;
      response.status(202).json({ eventId, namespace, schedule: name, scheduledFor });
    }
  }
}
