import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What ingest is measured against: a server that only reads the body, verifies its HMAC and parses it. Run as a process of its own,
 * it prints its port.
 */
const secret = process.argv[2] ?? '';
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const expected = createHmac('sha256', secret).update(body).digest();
    const given = Buffer.from(String(request.headers['x-hub-signature-256'] ?? '').slice('sha256='.length), 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(401).end();
      return;
    }
    const parsed: { action?: string } = JSON.parse(body.toString('utf8'));
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ action: parsed.action }));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
