import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Authority, hasOpenssl, newAuthority } from '../support/certificates.ts';
import { localServer } from '../support/local-server.ts';
import { answerOf, type HttpUnderTest, opened, text } from './http.contract.ts';

/** Whom a client trusts. Certificates are made by `openssl` for each run. */
export function httpTlsContract(name: string, subject: HttpUnderTest): void {
  describe.skipIf(!hasOpenssl)(`http contract: ${name}: TLS${hasOpenssl ? '' : ' (skipped: openssl is not installed)'}`, () => {
    let ours: Authority;
    let other: Authority;
    let tls: { readonly key: string; readonly cert: string };

    beforeAll(() => {
      ours = newAuthority();
      other = newAuthority();
      tls = ours.issue(['IP:127.0.0.1', 'DNS:secure.test']);
    });

    it('trusts a server of the given CA, by address', async () => {
      const server = await localServer((_, response) => response.end('secure'), tls);
      const response = await opened(subject).send({ method: 'GET', url: server.url, caBundle: ours.certificate });
      expect(text(answerOf(response))).toBe('secure');
    });

    it('trusts a server of the given CA, by name, and tells it the name', async () => {
      const server = await localServer((_, response) => response.end('secure'), tls);
      const http = opened(subject, { names: { 'secure.test': () => ['127.0.0.1'] } });
      const url = `https://secure.test:${server.port}/`;
      expect(text(answerOf(await http.send({ method: 'GET', url, caBundle: ours.certificate })))).toBe('secure');
      expect(server.requests[0]?.serverName).toBe('secure.test');
    });

    it('trusts each CA of a bundle', async () => {
      const server = await localServer((_, response) => response.end(), tls);
      for (const caBundle of [`${other.certificate}\n${ours.certificate}`, `# ours\n${ours.certificate}\n# other\n${other.certificate}`])
        expect(answerOf(await opened(subject).send({ method: 'GET', url: server.url, caBundle })).status).toBe(200);
    });

    it.each<[string, () => string | undefined]>([
      ['without a CA of its own', () => undefined],
      ['with another CA', () => other.certificate],
      ['with an empty bundle', () => ''],
      ['with a bundle that is none', () => 'certificate'],
      ['with a certificate that is none', () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ])('does not trust it %s', async (_, caBundle) => {
      const server = await localServer((_request, response) => response.end(), tls);
      const result = await opened(subject).send({ method: 'GET', url: `${server.url}/?secret`, caBundle: caBundle() });
      expect(result).toEqual({ ok: false, code: 'Untrusted', message: expect.stringContaining('caBundle') });
      expect(JSON.stringify(result)).not.toContain('secret');
      expect(server.requests).toEqual([]);
    });

    it('does not trust it whatever the environment says', async () => {
      const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      onTestFinished(() => {
        if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
        else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      });
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      const server = await localServer((_, response) => response.end(), tls);
      expect(await opened(subject).send({ method: 'GET', url: server.url })).toMatchObject({ ok: false, code: 'Untrusted' });
    });

    it.each<[string, () => { readonly key: string; readonly cert: string }]>([
      ['of another name', () => ours.issue(['DNS:other.test', 'IP:127.0.0.2'])],
      ['that has expired', () => ours.issue(['IP:127.0.0.1'], { days: -1 })],
    ])('does not trust a certificate %s', async (_, issued) => {
      const server = await localServer((_request, response) => response.end(), issued());
      const result = await opened(subject).send({ method: 'GET', url: server.url, caBundle: ours.certificate });
      expect(result).toMatchObject({ ok: false, code: 'Untrusted' });
      expect(server.requests).toEqual([]);
    });

    it('does not lend a connection to a request that trusts others', async () => {
      const server = await localServer((_, response) => response.end(), tls);
      const http = opened(subject);
      const request = { method: 'GET', url: server.url } as const;
      for (let round = 0; round < 2; round++) answerOf(await http.send({ ...request, caBundle: ours.certificate }));
      expect(server.connections).toBe(1);
      expect(await http.send(request)).toMatchObject({ ok: false, code: 'Untrusted' });
      expect(await http.send({ ...request, caBundle: other.certificate })).toMatchObject({ ok: false, code: 'Untrusted' });
      expect(server.requests).toHaveLength(2);
    });

    it('does not follow from https to http', async () => {
      const plain = await localServer((_, response) => response.end());
      const server = await localServer((_, response) => response.writeHead(302, { Location: `${plain.url}/a?secret` }).end(), tls);
      const result = await opened(subject).send({ method: 'GET', url: server.url, caBundle: ours.certificate, maxRedirects: 3 });
      expect(result).toEqual({
        ok: false,
        code: 'Refused',
        message: `${server.url}/ redirects to ${plain.url}/a: from https to http is not followed`,
      });
      expect(plain.connections).toBe(0);
    });

    it('follows from http to https, without credentials', async () => {
      const server = await localServer((_, response) => response.end('secure'), tls);
      const plain = await localServer((_, response) => response.writeHead(301, { Location: server.url }).end());
      const headers = { Authorization: 'Bearer a' };
      const request = { method: 'GET', url: plain.url, headers, caBundle: ours.certificate, maxRedirects: 1 } as const;
      expect(text(answerOf(await opened(subject).send(request)))).toBe('secure');
      expect(server.requests[0]?.headers.authorization).toBeUndefined();
    });

    it('knows a server that does not speak TLS', async () => {
      const server = await localServer((_, response) => response.end());
      const result = await opened(subject).send({ method: 'GET', url: server.url.replace('http:', 'https:') });
      expect(result).toMatchObject({ ok: false, code: 'Malformed', message: expect.stringContaining('write http:') });
    });

    it('knows a server that speaks nothing but TLS', async () => {
      const server = await localServer((_, response) => response.end(), tls);
      const result = await opened(subject).send({ method: 'GET', url: server.url.replace('https:', 'http:') });
      expect(result).toMatchObject({ ok: false });
      expect(server.requests).toEqual([]);
    });
  });
}
