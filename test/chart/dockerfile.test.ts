import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Stage {
  readonly base: string;
  readonly instructions: readonly (readonly [name: string, rest: string])[];
}

function stages(): readonly Stage[] {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '');
  const instructions = [...text.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name = '', rest = '']) => [name, rest] as const);
  expect(instructions.length).toBe(text.trim().split(/\n+/).length);
  const starts = instructions.flatMap(([name], index) => (name === 'FROM' ? [index] : []));
  return starts.map((start, index) => ({
    base: instructions[start]?.[1] ?? '',
    instructions: instructions.slice(start + 1, starts[index + 1]),
  }));
}

const values = ({ instructions }: Stage, wanted: string): readonly string[] =>
  instructions.flatMap(([name, rest]) => (name === wanted ? [rest] : []));

describe('the Dockerfile', () => {
  const [build, last, ...others] = stages();
  if (build === undefined || last === undefined) throw new Error('the Dockerfile has two stages');

  it('builds in one stage and runs in another, both on a Node that is supported and that we support', () => {
    expect(others).toEqual([]);
    for (const { base } of [build, last]) expect(base).toMatch(/^node:24-bookworm-slim( AS build)?$/);
  });

  it('copies files that are there, and that .dockerignore lets through', () => {
    const [everything, ...exceptions] = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    const sources = [build, last]
      .flatMap((stage) => values(stage, 'COPY'))
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    expect([...sources].sort().filter((source, index, all) => source !== all[index - 1])).toEqual(
      exceptions.map((line) => line.slice(1)).sort(),
    );
  });

  it('installs from the lock file, running nothing of the packages', () => {
    expect(values(build, 'RUN')).toContain('npm ci --ignore-scripts');
    expect(values(last, 'RUN').join('\n')).not.toContain('npm ci');
  });

  it('runs as the user that the chart runs it as, by what the chart gives arguments to', () => {
    expect(values(last, 'USER')).toEqual(['65532:65532']);
    const user = last.instructions.findIndex(([name]) => name === 'USER');
    expect(last.instructions.slice(user).some(([name]) => name === 'RUN' || name === 'COPY')).toBe(false);
    const [entrypoint = ''] = values(last, 'ENTRYPOINT');
    expect(JSON.parse(entrypoint)).toEqual(['tini', '--', 'node', '--disallow-code-generation-from-strings', '/app/dist/tappet.js']);
  });

  it('copies into the image what the package has', () => {
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const copied = values(last, 'COPY').flatMap((rest) => rest.split(' ').slice(rest.startsWith('--from') ? -1 : 0));
    for (const file of files.filter((name: string) => !name.endsWith('.md'))) expect(copied).toContain(file);
  });
});
