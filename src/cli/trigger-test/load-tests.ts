import { readFile } from 'node:fs/promises';
import { parseTriggerTest } from '../../resources/trigger-test/parse.ts';
import type { TriggerTest } from '../../resources/trigger-test/schema.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { cannotRead, parseManifests } from '../read-manifests.ts';
import { oneLine } from '../terminal.ts';

export interface LoadedTest {
  readonly file: string;
  readonly test: TriggerTest;
}

/** Every test of the files. Throws with all that is wrong with them, each with its line: a test that cannot be read must not pass for one. */
export async function loadTests(files: readonly string[]): Promise<readonly LoadedTest[]> {
  const tests: LoadedTest[] = [];
  const errors: string[] = [];
  for (const file of files) {
    const read = parseManifests(file, await readFile(file).catch(cannotRead(file)));
    errors.push(...read.errors);
    if (read.manifests.length === 0 && read.errors.length === 0) errors.push(`${file}: no test in there`);
    const names = new Set<string>();
    for (const manifest of read.manifests) {
      const parsed = parseTriggerTest(manifest.object);
      if (!parsed.ok) {
        const at = (path: string, message: string) => [manifest.at(path), ...(path === '' ? [] : [path]), message].map(oneLine).join(': ');
        errors.push(...parsed.errors.flatMap(({ message, paths }) => paths.map((path) => at(path, message))));
        continue;
      }
      const { name } = parsed.test.metadata;
      if (names.has(name)) errors.push(`${manifest.at('metadata.name')}: another test of this file is called ${oneLine(name)} too`);
      names.add(name);
      tests.push({ file, test: parsed.test });
    }
  }
  if (errors.length > 0) throw new CliError(exitCodes.usage, errors.join('\n'));
  return tests;
}
