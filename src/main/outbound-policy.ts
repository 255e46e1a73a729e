import { parseAllowRule } from '../http/allow-rule.ts';
import { type OutboundPolicy, portOf } from '../http/destination.ts';
import { defaultArtifactHub } from './resolver-settings.ts';
import { engineConfig, type Settings } from './settings.ts';

/** What the settings let this server call: what they allow, and where they say that services, hubs, forges, the sink of CloudEvents and the collector of traces are. */
export function outboundPolicy(settings: Settings): OutboundPolicy {
  const { outbound, services, resolvers, tracing } = settings;
  const { 'artifact-hub-urls': artifact, 'tekton-hub-urls': tekton } = resolvers['hubresolver-config'];
  // What everybody has by default is public, or it is not called.
  const hubs = [...artifact, ...tekton].filter((url) => url !== defaultArtifactHub);
  const git = Object.entries(resolvers['git-resolver-config']).flatMap(([key, value]) =>
    /(?:^|\.)(?:default-url|server-url)$/.test(key) && typeof value === 'string' ? [value] : [],
  );
  const named = [
    ...Object.values(services),
    ...hubs,
    ...git,
    engineConfig(settings)['default-cloud-events-sink'],
    ...(tracing.enabled ? [tracing.endpoint] : []),
  ].flatMap((text) => {
    const url = /^https?:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
    return (url && parseAllowRule(`${url.hostname}:${portOf(url)}`)) ?? [];
  });
  return { ...outbound, allow: [...outbound.allow, ...named] };
}
