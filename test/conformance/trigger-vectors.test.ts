import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asJson } from '../../tools/conformance/triggers-vectors.ts';
import { vectorsOf } from '../../tools/conformance/vectors/read-vectors.ts';

/** The vectors are not part of this repository: `TAPPET_CONFORMANCE` names their folder, beside the checkout otherwise. */
const file = resolve(process.env['TAPPET_CONFORMANCE'] ?? '../shared/conformance', 'triggers-vectors.json');
const vectors = existsSync(file) ? vectorsOf(JSON.parse(readFileSync(file, 'utf8'))) : [];

describe.skipIf(vectors.length === 0)(`what upstream gave for these inputs${vectors.length === 0 ? ` (no ${file})` : ''}`, () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, { run, expected }) => {
    expect(asJson(await run())).toEqual(asJson(expected));
  });

  it('differs on purpose in at most 4', () => {
    expect(vectors.filter(({ deviation }) => deviation !== undefined).length).toBeLessThanOrEqual(4);
  });
});
