import { describe, expect, it } from 'vitest';
import { parseAllowRule } from '../http/allow-rule.ts';
import { outboundPolicy } from './outbound-policy.ts';
import { parseSettings } from './settings.ts';

describe('what the settings let the server call', () => {
  it('is what they allow, and each service at its port and no other', () => {
    const services = {
      'ci/by-name': 'http://Hooks.internal/path',
      'ci/secure': 'https://hooks.internal/',
      'ci/by-address': 'http://127.0.0.1:9000',
      'ci/by-ipv6': 'http://[::1]:9001/',
    };
    const parsed = parseSettings({ dataDir: '/data', services, outbound: { allow: ['10.0.0.0/8'] } });
    const rules = ['10.0.0.0/8', 'hooks.internal:80', 'hooks.internal:443', '127.0.0.1:9000', '[::1]:9001'];
    expect(parsed.ok && outboundPolicy(parsed.settings)).toEqual({ allow: rules.map(parseAllowRule), allowPrivate: false });
  });

  it('is where its hubs, forges and the sink of CloudEvents are, when the settings say so, and no place that a run names', () => {
    const resolvers = {
      'hubresolver-config': { 'artifact-hub-urls': ['http://hub.internal:9000/x'], 'tekton-hub-urls': '- https://tekton.internal/\n' },
      'git-resolver-config': {
        'default-url': 'https://git.internal/a/b.git',
        'team.server-url': 'http://10.0.0.1:3000',
        'default-org': 'x',
      },
    };
    const parsed = parseSettings({ dataDir: '/data', resolvers });
    const rules = ['hub.internal:9000', 'tekton.internal:443', 'git.internal:443', '10.0.0.1:3000'];
    expect(parsed.ok && outboundPolicy(parsed.settings).allow).toEqual(rules.map(parseAllowRule));
    const engine = { 'default-cloud-events-sink': 'http://127.0.0.1:9000/events?key=x' };
    const sink = parseSettings({ dataDir: '/data', engine });
    expect(sink.ok && outboundPolicy(sink.settings).allow).toEqual([parseAllowRule('127.0.0.1:9000')]);
    const plain = parseSettings({ dataDir: '/data' });
    expect(plain.ok && outboundPolicy(plain.settings).allow).toEqual([]);
  });
});
