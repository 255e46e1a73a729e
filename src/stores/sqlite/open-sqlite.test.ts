import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countingIds } from '../../../test/support/counting-ids.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { Change } from '../../ports/store.ts';
import type { KubeObject } from '../../resources/object.ts';
import { migrate, migrations } from './migrations.ts';
import { openSqlite, type SqliteOptions } from './open-sqlite.ts';
import { openSqlDatabase } from './sql-database.ts';

const RUN = 'tekton.dev/PipelineRun';
const facts = (): SqliteOptions => ({ clock: new ManualClock(), ids: countingIds() });
const run = (name: string, spec: unknown = {}): KubeObject => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { name, namespace: 'ci' },
  spec,
});
const delivery = (eventId: string) => ({
  eventId,
  namespace: 'ci',
  listener: 'l',
  receivedAt: 1,
  method: 'POST',
  url: '/',
  headers: {},
  body: Buffer.from('{}'),
});

async function open(directory: string, options: Partial<SqliteOptions> = {}) {
  const stores = await openSqlite(directory, { ...facts(), ...options });
  onTestFinished(() => stores.close());
  return stores;
}

describe('group commit', () => {
  it('writes of one turn share one transaction, failing ones included', async () => {
    const { store, journal, stats } = await open(temporaryDirectory());
    await store.create(run('taken'));
    const before = stats();
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 200 }, (_, i) => store.create(run(`r${i}`))),
      store.create(run('taken')),
      ...Array.from({ length: 50 }, (_, i) => journal.append(delivery(`e${i}`))),
    ]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(stats()).toEqual({ commits: before.commits + 1, writes: before.writes + 251 });
  });

  it('an idle write is committed in the turn after its own', async () => {
    const { store } = await open(temporaryDirectory());
    let done = false;
    const write = store.create(run('a')).then(() => {
      done = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(true);
    await write;
  });

  it('what a broken operation wrote is rolled back, and the rest of its turn is not', async () => {
    const { store, journal } = await open(temporaryDirectory());
    await journal.append(delivery('e1'));
    const changes = store.watch(RUN);
    const verdict = { trigger: 't', namespace: 'ci', chain: [], tookMs: 0, verdict: 'filtered', reason: 'x' } as const;
    const circular = { ...verdict, self: {} };
    circular.self = circular;
    const outcomes = await Promise.allSettled([
      store.create(run('a')),
      journal.complete('e1', { verdicts: [circular], processedAt: 1, creations: [[run('b')]] }),
      store.create(run('c')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.list(RUN)).items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)).toEqual(['a@1', 'c@2']);
    await journal.complete('e1', { verdicts: [verdict], processedAt: 1, creations: [[run('b')]] });
    expect(await first(changes, 3)).toEqual(['ADDED a@1', 'ADDED c@2', 'ADDED b@3']);
  });
});

describe('reopening', () => {
  it('finds everything as it was, and watches go on across it', async () => {
    const directory = temporaryDirectory();
    const one = await openSqlite(directory, facts());
    const a = await one.store.create(run('a'));
    await one.store.update({ ...a, spec: { n: 1 } });
    await one.store.create(run('b'));
    await one.store.delete({ kind: RUN, namespace: 'ci', name: 'b' });
    await one.journal.append({ ...delivery('e1'), deliveryId: 'd1' });
    const list = await one.store.list(RUN);
    const entry = await one.journal.get('e1');
    await one.close();

    const two = await open(directory);
    expect(await two.store.list(RUN)).toEqual(list);
    expect(await two.journal.unprocessed(9)).toEqual([entry]);
    expect(await two.journal.append({ ...delivery('e2'), deliveryId: 'd1' })).toEqual({ eventId: 'e1', duplicate: true });
    await two.store.create(run('c'));
    expect(await first(two.store.watch(RUN, { resourceVersion: '1' }), 4)).toEqual([
      'MODIFIED a@2',
      'ADDED b@3',
      'DELETED b@4',
      'ADDED c@5',
    ]);
    const selecting = two.store.watch(RUN, { resourceVersion: '1', fieldSelector: 'spec.n=1' });
    expect(await first(selecting, 1)).toEqual(['ADDED a@2']);
  });

  it('keeps what is current and what can still be watched, and nothing else', async () => {
    const directory = temporaryDirectory();
    const options = { keepChanges: 10 };
    const one = await openSqlite(directory, { ...facts(), ...options });
    await one.store.create(run('old'));
    for (let i = 0; i < 100; i++) {
      await one.store.create(run('short'));
      await one.store.delete({ kind: RUN, namespace: 'ci', name: 'short' });
    }
    for (let i = 0; i < 100; i++) await one.store.patch({ kind: RUN, namespace: 'ci', name: 'old' }, { spec: { i } });
    await one.close();
    const database = await openSqlDatabase(join(directory, 'tappet.db'));
    const left = Number(database.row('SELECT count(*) FROM versions')?.[0]);
    database.close();
    expect(left).toBeLessThanOrEqual(22);
    const two = await open(directory, options);
    expect((await two.store.get({ kind: RUN, namespace: 'ci', name: 'old' }))?.['spec']).toEqual({ i: 99 });
    await expect(first(two.store.watch(RUN, { resourceVersion: '250' }), 1)).rejects.toMatchObject({ code: 'Gone' });
    expect(await first(two.store.watch(RUN, { resourceVersion: '295' }), 6)).toEqual(
      [296, 297, 298, 299, 300, 301].map((v) => `MODIFIED old@${v}`),
    );
  });

  it('keeps fewer changes when they are large', async () => {
    const { store } = await open(temporaryDirectory(), { keepBytes: 100_000 });
    for (let i = 0; i < 40; i++) await store.create(run(`r${i}`, 'x'.repeat(10_000)));
    await expect(first(store.watch(RUN, { resourceVersion: '2' }), 1)).rejects.toMatchObject({ code: 'Gone' });
    expect(await first(store.watch(RUN, { resourceVersion: '34' }), 6)).toEqual(
      [34, 35, 36, 37, 38, 39].map((i) => `ADDED r${i}@${i + 1}`),
    );
    expect((await store.list(RUN)).items).toHaveLength(40);
  });
});

describe('a killed process', () => {
  it('loses nothing it was told is durable, and its lock with it', async () => {
    const directory = temporaryDirectory();
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, '../../../test/support/write-forever.ts'), directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const told: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      told.push(line);
      if (told.length === 1) {
        await expect(openSqlite(directory, facts())).rejects.toMatchObject({
          code: 'Locked',
          message: expect.stringMatching(
            new RegExp(`is in use by another server \\(pid ${child.pid}, since 20\\d\\d-.*\\): stop it, or give`),
          ),
        });
      }
      if (told.length === 400) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');

    const { store, journal } = await open(directory);
    const missing: string[] = [];
    for (const line of told) {
      const [what = '', id = ''] = line.split(' ');
      const entry = await journal.get(id);
      const object = await store.get({ kind: RUN, namespace: 'ci', name: `run-${id}` });
      const whole = what === 'appended' ? entry !== undefined : entry?.state === 'processed' && object !== undefined;
      if (!whole) missing.push(line);
      // Verdicts and objects are one transaction, whatever the moment of death.
      if ((entry?.state === 'processed') !== (object !== undefined)) missing.push(`${line}: torn`);
    }
    expect(missing).toEqual([]);
    expect(told.filter((line) => line.startsWith('completed')).length).toBeGreaterThan(20);
  });
});

describe('a data directory that cannot be used', () => {
  it('is refused while another store holds it, and free after close', async () => {
    const directory = temporaryDirectory();
    const one = await openSqlite(directory, facts());
    await expect(openSqlite(directory, facts())).rejects.toMatchObject({
      name: 'DataDirError',
      code: 'Locked',
      message: `data directory ${directory} is in use by another server (pid ${process.pid}, since 2026-11-23T12:00:00.000Z): stop it, or give this one another directory`,
    });
    await one.store.create(run('unharmed'));
    await one.store.close();
    await open(directory);
  });

  it('is made when it does not exist; where it cannot be made, that is said', async () => {
    const directory = temporaryDirectory();
    await open(join(directory, 'a', 'b'));
    writeFileSync(join(directory, 'file'), '');
    await expect(openSqlite(join(directory, 'file', 'data'), facts())).rejects.toMatchObject({
      code: 'NotWritable',
      message: expect.stringMatching(
        /^data directory .*data cannot be written \(ENOTDIR.*\): make it writable for this user, or give another one$/,
      ),
    });
  });

  it('says when the file is no database, or damaged', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'tappet.db');
    writeFileSync(file, 'this is a text file, and a long enough one to be taken for a header '.repeat(100));
    await expect(openSqlite(directory, facts())).rejects.toMatchObject({
      code: 'Corrupt',
      message: expect.stringMatching(/tappet\.db is damaged or not a database \(.*\): restore a backup, or move it away to start empty$/),
    });
    const other = temporaryDirectory();
    const good = await openSqlite(other, facts());
    await good.store.create(run('a'));
    await good.close();
    const bytes = readFileSync(join(other, 'tappet.db'));
    bytes.fill(0xee, 100, 6_000);
    writeFileSync(join(other, 'tappet.db'), bytes);
    await expect(openSqlite(other, facts())).rejects.toMatchObject({ code: 'Corrupt' });
    // The lock does not stay behind a failed start.
    mkdirSync(join(other, 'aside'));
    copyFileSync(file, join(other, 'aside', 'x'));
    await expect(openSqlite(other, facts())).rejects.toMatchObject({ code: 'Corrupt' });
  });

  it('says when the file is of a newer program or of another one', async () => {
    const directory = temporaryDirectory();
    await (await openSqlite(directory, facts())).close();
    const file = join(directory, 'tappet.db');
    const database = await openSqlDatabase(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openSqlite(directory, facts())).rejects.toMatchObject({
      code: 'TooNew',
      message: `${file} was written by a newer tappet (schema 99; this one knows up to ${migrations.length}): use that version, or restore a backup from before`,
    });
    const other = temporaryDirectory();
    const foreign = await openSqlDatabase(join(other, 'tappet.db'));
    foreign.exec('CREATE TABLE theirs (x)');
    foreign.close();
    await expect(openSqlite(other, facts())).rejects.toMatchObject({
      code: 'Corrupt',
      message: expect.stringContaining('of another program'),
    });
  });
});

describe('migrations', () => {
  it('take a file of version 1 forward, each step once and whole', async () => {
    const directory = temporaryDirectory();
    const one = await openSqlite(directory, facts());
    await one.store.create(run('a'));
    await one.close();
    const file = join(directory, 'tappet.db');
    const database = await openSqlDatabase(file);
    onTestFinished(() => database.close());
    const version = () => Number(database.row('PRAGMA user_version')?.[0]);
    const broken = [...migrations, 'CREATE TABLE extra (x); INSERT INTO nowhere VALUES (1);'];
    expect(() => migrate(database, file, broken)).toThrow('no such table: nowhere');
    expect([version(), database.row("SELECT 1 FROM sqlite_schema WHERE name = 'extra'")]).toEqual([migrations.length, undefined]);
    let runs = 0;
    const steps = [...migrations, 'CREATE TABLE extra (x)', () => void runs++];
    migrate(database, file, steps);
    migrate(database, file, steps);
    expect([version(), runs, database.rows('SELECT kind FROM objects')]).toEqual([migrations.length + 2, 1, [[RUN]]]);
  });
});

async function first(changes: AsyncIterable<Change>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, object } of changes) {
    seen.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);
    if (seen.length === count) break;
  }
  return seen;
}
