import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { schema } from './schema.ts';

async function printed(word: string | undefined, output?: string): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  onTestFinished(() => write.mockRestore());
  await schema(word, { output });
  return text;
}

describe('tappet schema', () => {
  it('prints one kind’s, by any of its names', async () => {
    expect(JSON.parse(await printed('pr'))).toMatchObject({ properties: { kind: { enum: ['PipelineRun'] }, spec: { type: 'object' } } });
  });

  it('writes all of them into a folder', async () => {
    const folder = join(temporaryDirectory(), 'schemas');
    expect(await printed(undefined, folder)).toContain(`# yaml-language-server: $schema=${folder}/all.json`);
    const files = await readdir(folder);
    expect(files).toContain('pipeline-tekton.dev-v1.json');
    expect(JSON.parse(await readFile(join(folder, 'all.json'), 'utf8'))).toMatchObject({ required: ['apiVersion', 'kind'] });
  });

  it('knows no other kinds', async () => {
    await expect(printed('nope')).rejects.toThrow('unknown kind "nope"; known: ');
    await expect(printed('task', '/tmp/x')).rejects.toThrow('leave out "task"');
  });
});
