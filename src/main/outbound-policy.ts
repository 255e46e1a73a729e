import { parseAllowRule } from '../http/allow-rule.ts';
import { type OutboundPolicy, portOf } from '../http/destination.ts';
import { defaultArtifactHub } from './resolver-settings.ts';
import type { Settings } from './settings.ts';

/** What the settings let this server call: what they allow, and where they say that services, hubs and forges are. */
export function outboundPolicy({ outbound, services, resolvers }: Pick<Settings, 'outbound' | 'services' | 'resolvers'>): OutboundPolicy {
  const { 'artifact-hub-urls': artifact, 'tekton-hub-urls': tekton } = resolvers['hubresolver-config'];
  // What everybody has by default is public, or it is not called.
  const hubs = [...artifact, ...tekton].filter((url) => url !== defaultArtifactHub);
  const git = Object.entries(resolvers['git-resolver-config']).flatMap(([key, value]) =>
    /(?:^|\.)(?:default-url|server-url)$/.test(key) && typeof value === 'string' ? [value] : [],
  );
  const named = [...Object.values(services), ...hubs, ...git].flatMap((text) => {
    const url = /^https?:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
    return (url && parseAllowRule(`${url.hostname}:${portOf(url)}`)) ?? [];
  });
  return { ...outbound, allow: [...outbound.allow, ...named] };
}
