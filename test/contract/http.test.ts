import { parseAllowRule } from '../../src/http/allow-rule.ts';
import { createHttp } from '../../src/http/create-http.ts';
import { type HttpUnderTest, httpContract } from './http.contract.ts';
import { httpDestinationsContract } from './http-destinations.contract.ts';
import { httpTlsContract } from './http-tls.contract.ts';

const adapter: HttpUnderTest = {
  open({ clock, allow, names }) {
    const rules = allow.map((text) => {
      const rule = parseAllowRule(text);
      if (rule === undefined) throw new Error(`${text} is no rule`);
      return rule;
    });
    return createHttp({
      outbound: { allow: rules, allowPrivate: false },
      clock,
      async resolve(name) {
        const addresses = Object.hasOwn(names, name) ? await names[name]?.() : undefined;
        if (addresses === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
        return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
    });
  },
};

httpContract('node', adapter);
httpDestinationsContract('node', adapter);
httpTlsContract('node', adapter);
