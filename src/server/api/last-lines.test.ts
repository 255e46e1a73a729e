import { expect, it } from 'vitest';
import { lastLines, stampLines } from './last-lines.ts';

async function shown(now: string, later: string, lines: number, follow: boolean): Promise<string> {
  async function* read(following: boolean): AsyncGenerator<Buffer> {
    const text = following ? now + later : now;
    for (let at = 0; at < text.length; at += 3) yield Buffer.from(text.slice(at, at + 3));
  }
  let all = '';
  for await (const chunk of lastLines(read, lines, follow)) all += chunk.toString();
  return all;
}

it.each<[string, string, number, boolean, string]>([
  ['a\nb\nc\n', '', 2, false, 'b\nc\n'],
  ['a\nb\nc', '', 2, false, 'b\nc'],
  ['a\nb\n', '', 9, false, 'a\nb\n'],
  ['a\nb\n', '', 0, false, ''],
  ['', '', 3, false, ''],
  ['\n\n\n', '', 1, false, '\n'],
  ['a\nb\n', 'c\nd\n', 1, true, 'b\nc\nd\n'],
  ['a\nbe', 'gun\nd\n', 2, true, 'a\nbegun\nd\n'],
  ['a\nbe', 'gun\n', 1, true, 'begun\n'],
  ['a\n', 'b\n', 0, true, 'b\n'],
])('%j then %j: the last %d, follow %s', async (now, later, lines, follow, expected) => {
  expect(await shown(now, later, lines, follow)).toBe(expected);
});

it('stamps each line once, however it comes', async () => {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (const text of ['a\nb', 'c', '\n', 'd\ne\n']) yield Buffer.from(text);
  }
  let all = '';
  for await (const chunk of stampLines(chunks(), () => 0)) all += chunk.toString();
  const at = '1970-01-01T00:00:00.000Z';
  expect(all).toBe(`${at} a\n${at} bc\n${at} d\n${at} e\n`);
});
