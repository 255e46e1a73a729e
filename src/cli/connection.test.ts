import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { findServer, SERVER_RECORD } from './connection.ts';

function directoryWith(record: string): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, SERVER_RECORD), record);
  return directory;
}

describe('findServer', () => {
  it('reads the record of a server that lives', async () => {
    const record = { pid: process.pid, api: 'http://127.0.0.1:1', ingress: 'http://127.0.0.1:2', token: 'of the server' };
    const dataDir = directoryWith(JSON.stringify(record));
    expect(await findServer({ dataDir })).toEqual(record);
    expect(await findServer({ dataDir, token: 'mine' })).toEqual({ ...record, token: 'mine' });
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 30, api: 'http://x', ingress: '' })],
    ['half written', '{"pid": 1'],
    ['of another form', '{"pid": "1", "api": 5}'],
    ['that is null', 'null'],
  ])('takes a record %s for none', async (_, text) => {
    const dataDir = directoryWith(text);
    await expect(findServer({ dataDir })).rejects.toThrow(
      new CliError(
        exitCodes.unavailable,
        `no server runs on ${dataDir}: start one with "tappet serve", or name another with --data-dir, --server, or --context for a cluster`,
      ),
    );
  });

  it('takes the URL it is given', async () => {
    expect(await findServer({ server: 'http://host:8081//', token: 't' })).toEqual({
      pid: 0,
      api: 'http://host:8081',
      ingress: '',
      token: 't',
    });
  });

  it.each(['nonsense', 'host:8081', 'file:///etc/passwd', 'http://', 'http://[::'])('refuses %s', async (server) => {
    await expect(findServer({ server })).rejects.toThrow(
      new CliError(exitCodes.usage, `--server (or TAPPET_SERVER): got "${server}", expected a URL like http://127.0.0.1:8081`),
    );
  });
});
