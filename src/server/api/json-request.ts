import type { Request } from 'express';
import { parsePayload } from '../../events/payload.ts';
import { parseYaml } from '../../expressions/yaml/parse-yaml.ts';
import { BodyBudget, readBody } from '../read-body.ts';
import { ApiError, badRequest } from './api-error.ts';

/** As the API server's limit for one request. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
const budget = new BodyBudget(64 * 1024 * 1024);

/** The request's JSON object; `undefined` when there is no body. Refuses what `parsePayload` refuses, and other media types. */
export async function readJson(
  request: Request,
  mediaTypes: readonly string[],
  maxBytes?: number,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const mediaType = (request.headers['content-type'] ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return undefined;
  if (!mediaTypes.includes(mediaType)) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      `content type ${JSON.stringify(mediaType)} is not supported here; use ${mediaTypes.join(' or ')}`,
    );
  }
  const payload = parsePayload(bytes);
  if (!payload.ok) throw badRequest(payload.message.replace('Invalid event body format : ', 'invalid body: '));
  if (payload.value === null) throw badRequest('invalid body: expected an object, got null');
  return payload.value;
}

/** The request's JSON array, of no more depth than an object may have. */
export async function readJsonList(request: Request, maxBytes?: number): Promise<readonly unknown[]> {
  const bytes = await readBytes(request, maxBytes);
  // Bodies are judged as objects: the array is one's only member.
  const payload = parsePayload(Buffer.concat([Buffer.from('{"list":'), bytes, Buffer.from('}')]));
  const members = Object.entries(payload.ok ? (payload.value ?? {}) : {});
  const [, list] = members[0] ?? [];
  if (members.length === 1 && Array.isArray(list)) return list;
  throw badRequest('invalid body: expected a JSON array');
}

/** An object in YAML or in JSON. */
export async function readYaml(request: Request, maxBytes?: number): Promise<Readonly<Record<string, unknown>>> {
  const text = (await readBytes(request, maxBytes)).toString('utf8');
  const parsed = parseYaml(text);
  if (!parsed.ok) throw badRequest(`invalid body: ${parsed.message}`);
  const { value } = parsed;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw badRequest('invalid body: expected an object');
}

/** The request's body as it is. */
export async function readBytes(request: Request, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  const body = await readBody(request, maxBytes, budget);
  switch (body.outcome) {
    case 'aborted':
      throw badRequest('the request ended early');
    case 'too-large':
      throw new ApiError(413, 'RequestEntityTooLarge', `request body too large: at most ${maxBytes} bytes`);
    case 'no-memory':
      throw new ApiError(503, 'ServiceUnavailable', 'too much is being received at once', { retryAfterSeconds: 1 });
    case 'read':
      budget.giveBack(body.bytes.length);
      return body.bytes;
  }
}
