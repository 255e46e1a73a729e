import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Counts, type Suite, UsageError } from './suite.ts';
import { vectorsOf } from './vectors/read-vectors.ts';

/** Inputs to CEL, bindings, templates, admission and the HTTP sink, with what upstream's code gave for them. */
export const suite: Suite = { usage: 'FILE', run };

async function run(args: readonly string[]): Promise<Counts> {
  const [file] = args;
  if (file === undefined) throw new UsageError('triggers-vectors: no file given');
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const vector of vectorsOf(JSON.parse(await readFile(file, 'utf8')))) {
    const got = await resultOf(vector.run);
    const right = isDeepStrictEqual(got, asJson(vector.expected));
    if (!right) {
      failed++;
      process.stdout.write(`FAIL ${vector.name}\n     expected ${JSON.stringify(vector.expected)}\n     got      ${JSON.stringify(got)}\n`);
    } else if (vector.deviation !== undefined) {
      skipped++;
      process.stdout.write(`differs on purpose: ${vector.name}\n     ${vector.deviation}\n`);
    } else passed++;
  }
  return { passed, failed, skipped };
}

async function resultOf(run: () => unknown): Promise<unknown> {
  try {
    return asJson(await run());
  } catch (error) {
    return { threw: error instanceof Error ? error.message : String(error) };
  }
}

/** As it travels: without `undefined`, without minus zero. */
export function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
