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
});
