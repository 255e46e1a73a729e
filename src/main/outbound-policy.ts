import { parseAllowRule } from '../http/allow-rule.ts';
import { type OutboundPolicy, portOf } from '../http/destination.ts';
import type { Settings } from './settings.ts';

/** What the settings let this server call: what they allow, and where they say that services are. */
export function outboundPolicy({ outbound, services }: Pick<Settings, 'outbound' | 'services'>): OutboundPolicy {
  const ofServices = Object.values(services).flatMap((text) => {
    const url = new URL(text);
    return parseAllowRule(`${url.hostname}:${portOf(url)}`) ?? [];
  });
  return { ...outbound, allow: [...outbound.allow, ...ofServices] };
}
