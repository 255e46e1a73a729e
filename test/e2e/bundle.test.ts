import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const chunks = join(import.meta.dirname, '../../dist/chunks');

describe('the bundle', () => {
  it('reads no file that lies beside a module of the sources', () => {
    const reading = readdirSync(chunks)
      .filter((file) => file.endsWith('.js'))
      .filter((file) => /new URL\(["']\.\/[^"']+["'],\s*import\.meta\.url\)/.test(readFileSync(join(chunks, file), 'utf8')));
    expect(reading).toEqual([]);
  });
});
