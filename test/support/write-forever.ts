import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';

/** Writes to the store of a directory until it is killed, and says on stdout what it was told is durable: `appended ID`, `completed ID`. */
const directory = process.argv[2] ?? '';
const { journal } = await openSqlite(directory, {
  clock: { now: () => Date.now(), at: () => () => {} },
  ids: { uuid: () => randomUUID(), nameSuffix: () => 'bbbbb' },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

async function writer(): Promise<never> {
  for (;;) {
    const eventId = randomUUID();
    const body = Buffer.alloc(20_000, 'x');
    await journal.append({
      eventId,
      deliveryId: eventId,
      namespace: 'ci',
      listener: 'l',
      receivedAt: Date.now(),
      method: 'POST',
      url: '/',
      headers: {},
      body,
    });
    say(`appended ${eventId}`);
    const manifest = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: `run-${eventId}`, namespace: 'ci' }, spec: {} };
    await journal.complete(eventId, { verdicts: [], processedAt: Date.now(), creations: [[manifest]] });
    say(`completed ${eventId}`);
  }
}

await Promise.all(Array.from({ length: 7 }, writer));
