import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/expressions/cel/compile-cel.ts';
import { tektonTriggersEnvironment } from '../../src/expressions/cel/tekton/environment.ts';
import { parseRelaxedPath } from '../../src/expressions/jsonpath/relaxed-path.ts';
import { findCelAccess } from '../../src/triggers/lint/github/cel-access.ts';
import { githubPayloads } from '../../src/triggers/lint/github/github-payloads.ts';
import { findPathAccess } from '../../src/triggers/lint/github/path-access.ts';
import { readPayloads } from '../../src/triggers/lint/github/read-payloads.ts';
import { generateGithubPayloads } from '../../tools/generate-github-payloads.ts';

const require = createRequire(import.meta.url);
const payloads = readPayloads(githubPayloads);

interface Definition {
  readonly name: string;
  readonly examples: readonly unknown[];
}

function samples(folder: string): readonly Definition[] {
  return JSON.parse(readFileSync(require.resolve(`@octokit/webhooks-examples/${folder}/index.json`), 'utf8'));
}

type Keys = readonly (string | number)[];

/** Where there is something in a payload. */
function placesIn(value: unknown, keys: Keys = []): readonly Keys[] {
  if (typeof value !== 'object' || value === null) return [keys];
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [keys, ...members.flatMap(([key, member]) => placesIn(member, [...keys, key]))];
}

/** Places that differ only in a list's index are one. */
function distinctPlaces(examples: readonly unknown[]): readonly Keys[] {
  const places = examples.flatMap((example) => placesIn(example));
  return [...new Map(places.map((keys) => [JSON.stringify(keys.map((key) => (typeof key === 'number' ? 0 : key))), keys])).values()];
}

function asCel(keys: Keys): string {
  return keys.reduce<string>((text, key) => `${text}[${JSON.stringify(key)}]`, 'body');
}

function asPath(keys: Keys): string {
  return keys.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${key.replace(/[^\w+-]/g, '\\$&')}`),
    'body',
  );
}

function complaints(keys: Keys, event: string): readonly string[] {
  const scope = { payloads, names: [event] };
  const source = asCel(keys);
  const compiled = compileCel(source, tektonTriggersEnvironment);
  const path = parseRelaxedPath(asPath(keys));
  if (!compiled.ok || !path.ok) throw new Error(`${source}: not a path`);
  const inCel = findCelAccess({ source, path: '' }, compiled.program.ast, scope).map(({ message }) => `${source}: ${message}`);
  return [...inCel, ...findPathAccess(path.nodes.slice(1), scope).map(({ message }) => `${asPath(keys)}: ${message}`)];
}

describe('the table of GitHub payloads', () => {
  it.each(['api.github.com', 'ghes-31', 'ghes-32', 'ghes-33', 'ghes-34', 'ghes-35'])(
    'has every place of every payload that %s was seen to send',
    (folder) => {
      const wrong = samples(folder).flatMap(({ name, examples }) => distinctPlaces(examples).flatMap((keys) => complaints(keys, name)));
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it('knows the actions that were seen', () => {
    const free = ['repository_dispatch'];
    const unknown = samples('api.github.com').flatMap(({ name, examples }) => {
      const known = payloads.event(name)?.actions ?? [];
      const seen = examples.flatMap((example) => Reflect.get(example as object, 'action') ?? []);
      return free.includes(name) ? [] : seen.filter((action) => !known.includes(action));
    });
    expect(unknown).toEqual([]);
  });

  it('misses a place that no payload has', () => {
    expect(complaints(['pull_request', 'head', 'shaa'], 'pull_request')).toHaveLength(2);
  });

  it('is what the generator makes of the packages that are installed, and small', () => {
    const file = readFileSync(require.resolve('../../src/triggers/lint/github/github-payloads.ts'), 'utf8');
    expect(generateGithubPayloads() === file, 'run: npx tsx tools/generate-github-payloads.ts').toBe(true);
    expect(file.length).toBeLessThan(150_000);
  }, 60_000);
});
