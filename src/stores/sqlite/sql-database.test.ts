import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { openSqlDatabase, type SqlValue } from './sql-database.ts';
import { sqlFailure } from './sql-failure.ts';

async function open() {
  const database = await openSqlDatabase(join(temporaryDirectory(), 'x.db'));
  onTestFinished(() => database.close());
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, v)');
  return database;
}

describe('openSqlDatabase', () => {
  it('gives every kind of value back as it was bound', async () => {
    const database = await open();
    const values: readonly SqlValue[] = ['text 😀', 1.5, 42, 2n ** 40n, null, Buffer.from([0, 255])];
    for (const value of values) expect(database.run('INSERT INTO t (v) VALUES (?)', [value])).toBe(1);
    expect(database.rows('SELECT v FROM t ORDER BY id')).toEqual(
      ['text 😀', 1.5, 42, 2 ** 40, null, Buffer.from([0, 255])].map((value) => [value]),
    );
    expect(database.row('SELECT id, v FROM t WHERE id = ?', [1])).toEqual([1, 'text 😀']);
    expect(database.row('SELECT v FROM t WHERE id = ?', [99])).toBeUndefined();
    expect(database.run('DELETE FROM t WHERE id > ?', [2])).toBe(4);
  });

  it.each([
    [true, 'cannot bind a boolean'],
    [undefined, 'cannot bind a undefined'],
    [new Date(0), 'cannot bind a object'],
    [[1], 'cannot bind a object'],
    [Number.NaN, 'cannot bind NaN'],
    ['a\0b', 'cannot bind text with a NUL character'],
  ])('refuses %j, which a driver would abort on or spoil', async (value, message) => {
    const database = await open();
    expect(() => database.run('INSERT INTO t (v) VALUES (?)', [value as SqlValue])).toThrow(message);
  });

  it('refuses a wrong number of values, and use after close', async () => {
    const database = await open();
    expect(() => database.run('INSERT INTO t (id, v) VALUES (?, ?)', [1])).toThrow('1 values for 2 places');
    database.close();
    database.close();
    expect(() => database.rows('SELECT 1')).toThrow('database is closed');
  });

  it('fails in a way that can be told apart', async () => {
    const database = await open();
    database.run('INSERT INTO t (id) VALUES (?)', [1]);
    const failure = (operation: () => unknown) => {
      try {
        operation();
      } catch (error) {
        return sqlFailure(error);
      }
      return 'none';
    };
    expect(failure(() => database.run('INSERT INTO t (id) VALUES (?)', [1]))).toBe('other');
    expect(failure(() => database.exec('nonsense'))).toBe('other');
    expect(failure(() => JSON.parse('{'))).toBeUndefined();
    await expect(openSqlDatabase('/nowhere/at/all.db').catch(sqlFailure)).resolves.toBe('cannot open');
  });
});
