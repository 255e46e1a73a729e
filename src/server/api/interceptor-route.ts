import type { Request, Response } from 'express';
import type { InterceptorService } from '../../events/interceptor-service.ts';
import { notFound } from './api-error.ts';
import { readBytes } from './json-request.ts';

/** An event's body as a JSON string may be twice as long as the event. */
const MAX_REQUEST_BYTES = 24 * 1024 * 1024;

/** `POST /interceptors/<name>`: an InterceptorRequest, answered as upstream's core interceptors do. */
export async function answerInterceptor(
  service: InterceptorService | undefined,
  request: Request,
  response: Response,
  name: string,
): Promise<void> {
  if (service === undefined) throw notFound('interceptors', '', name);
  const text = (await readBytes(request, MAX_REQUEST_BYTES)).toString('utf8');
  const { status, contentType, body } = await service(name, text);
  response.status(status).type(contentType).send(body);
}
