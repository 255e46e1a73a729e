import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../api/api-error.ts';

/**
 * Refuses what a page of another site makes a browser send: by a name that it has made resolve to our address, or as itself.
 * `allowedHosts` empty: any name.
 */
export function checkBrowser(allowedHosts: readonly string[], { host = '', origin }: IncomingHttpHeaders): void {
  if (allowedHosts.length > 0 && !allowedHosts.includes(hostName(host))) {
    const served = allowedHosts.join(', ');
    throw new ApiError(403, 'Forbidden', `host ${JSON.stringify(host)} is not served here; use one of: ${served}`);
  }
  if (origin !== undefined && originHost(origin) !== host)
    throw new ApiError(403, 'Forbidden', `requests from pages of ${JSON.stringify(origin)} are refused`);
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
