import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { ApiError } from './api-error.ts';
import type { ApiAccess } from './api-options.ts';

/** Answers 403 to requests that a web page of another site made a browser send, and 401 to those without the token. */
export function accessGuard(access: ApiAccess): (request: Request, response: Response, next: NextFunction) => void {
  const check = accessCheck(access);
  return (request, response, next) => {
    const problem = check(request.headers);
    if (problem?.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    if (problem !== undefined) throw problem;
    next();
  };
}

/** What is to be answered instead of what a request asks for; `undefined`: nothing is wrong with it. */
export function accessCheck(access: ApiAccess): (headers: IncomingHttpHeaders) => ApiError | undefined {
  const expected = access.token === undefined ? undefined : sha256(access.token);
  return (headers) => {
    const host = headers.host ?? '';
    if (access.allowedHosts.length > 0 && !access.allowedHosts.includes(hostName(host))) {
      const served = access.allowedHosts.join(', ');
      return new ApiError(403, 'Forbidden', `host ${JSON.stringify(host)} is not served here; use one of: ${served}`);
    }
    const { origin } = headers;
    if (origin !== undefined && originHost(origin) !== host) {
      return new ApiError(403, 'Forbidden', `requests from pages of ${JSON.stringify(origin)} are refused`);
    }
    if (expected !== undefined && !bearerMatches(headers.authorization, expected)) {
      return new ApiError(401, 'Unauthorized', 'Unauthorized: send the token as "Authorization: Bearer <token>"');
    }
    return undefined;
  };
}

/** `[::1]:8080` -> `[::1]` */
function hostName(host: string): string {
  const name = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':', 1)[0];
  return (name ?? '').toLowerCase();
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function bearerMatches(authorization: string | undefined, expected: Buffer): boolean {
  const match = /^Bearer +(\S+)$/i.exec(authorization ?? '');
  return match !== null && timingSafeEqual(sha256(match[1] ?? ''), expected);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
