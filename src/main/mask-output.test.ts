import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedValues, maskOutput } from './mask-output.ts';

async function masked(chunks: readonly string[], secrets: readonly string[]): Promise<string> {
  const parts: Buffer[] = [];
  const values = maskedValues(secrets.map((secret) => Buffer.from(secret)));
  for await (const part of maskOutput(stream(chunks), values)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

async function* stream(chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('masking of output', () => {
  it.each([
    ['in the middle of a line', ['token=hunter22 ok\n'], ['hunter22'], 'token=*** ok\n'],
    ['more than once', ['hunter22hunter22'], ['hunter22'], '******'],
    ['cut by the border of chunks', ['a hun', 'ter', '22 b'], ['hunter22'], 'a *** b'],
    ['only begun', ['a hunte', 'd b'], ['hunter22'], 'a hunted b'],
    ['begun at the very end', ['a hunter2'], ['hunter22'], 'a hunter2'],
    ['the longer of two', ['pass-phrase'], ['pass', 'pass-phrase'], '***'],
    ['with the trailing newline the secret was stored with', ['hunter22\n'], ['hunter22\n'], '***\n'],
    ['too short to hide', ['on'], ['on'], 'on'],
    ['a key line by line', ['-----BEGIN-----\nMIIEvQIBADANBg\n'], ['-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----\n'], '***\n***\n'],
  ])('%s', async (_, chunks, secrets, expected) => {
    expect(await masked(chunks, secrets)).toBe(expected);
  });

  it('never lets a secret through, however the output is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('abcd', 'ab', 'cdab', 'x', 'abc', 'dabcd'), { maxLength: 30 }), async (chunks) => {
        const output = await masked(chunks, ['abcd']);
        expect(output.includes('abcd')).toBe(false);
        expect(output).toBe(chunks.join('').replaceAll('abcd', '***'));
      }),
    );
  });
});
