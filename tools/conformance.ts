import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { startServer } from '../test/support/test-server.ts';
import { type Case, casesOf, type Outcome, runCase } from './conformance/pipelines.ts';
import { standInImages } from './conformance/stand-in-images.ts';

/**
 * `npm run conformance -- pipelines FOLDER [--only TEXT] [--parallel N] [--limit SECONDS] [--isolation process]`
 *
 * Runs every file of a folder of upstream's examples on a server of ours and closes with `N passed, N failed`. Files under `alpha/` run
 * with the alpha features on, as in upstream's CI.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    parallel: { type: 'string', default: '4' },
    limit: { type: 'string', default: '90' },
    isolation: { type: 'string', default: 'bubblewrap' },
    verbose: { type: 'boolean', default: false },
  },
});
const [suite, path] = positionals;
if (suite !== 'pipelines' || path === undefined) {
  process.stderr.write(
    'usage: npm run conformance -- pipelines FOLDER [--only TEXT] [--parallel N] [--limit SECONDS] [--isolation process]\n',
  );
  process.exit(2);
}

const ALPHA_FLAGS = {
  'enable-api-fields': 'alpha',
  'enable-cel-in-whenexpression': true,
  'enable-param-enum': true,
  'enable-artifacts': true,
  'enable-concise-resolver-syntax': true,
};

const folder = resolve(path);
const cases = (await casesOf(folder)).filter(({ file }) => file.includes(values.only));
const scratch = await mkdtemp(join(tmpdir(), 'tappet-conformance-'));
try {
  const { imageMap, missing } = await standInImages(join(scratch, 'images'));
  for (const what of missing) process.stdout.write(`missing on this machine: ${what}\n`);
  const outcomes = [
    ...(await runAll(
      'default',
      {},
      cases.filter(({ file }) => !file.includes('alpha/')),
      imageMap,
    )),
    ...(await runAll(
      'alpha',
      ALPHA_FLAGS,
      cases.filter(({ file }) => file.includes('alpha/')),
      imageMap,
    )),
  ];
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  process.stdout.write(`\n${passed} passed, ${outcomes.length - passed} failed\n`);
  process.exitCode = passed === outcomes.length ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function runAll(
  name: string,
  features: Readonly<Record<string, unknown>>,
  some: readonly Case[],
  imageMap: string,
): Promise<readonly Outcome[]> {
  if (some.length === 0) return [];
  const config = join(scratch, `${name}.yaml`);
  await writeFile(config, stringify({ engine: features }));
  const flags = ['--config', config, '--image-map', imageMap, '--isolation', values.isolation, '--log-level', 'warn', '--max-pods', '16'];
  const server = await startServer(join(scratch, name), flags);
  const outcomes: Outcome[] = [];
  const queue = [...some];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await runCase(server, folder, next, Number(values.limit) * 1000);
      outcomes.push(outcome);
      const seconds = (outcome.tookMs / 1000).toFixed(1).padStart(5);
      process.stdout.write(`${outcome.passed ? 'ok  ' : 'FAIL'} ${seconds}s ${outcome.file}  ${outcome.detail.split('\n').join(' ')}\n`);
      if (values.verbose && !outcome.passed)
        process.stdout.write(
          `${JSON.stringify(
            outcome.runs.map((run) => ({ name: run.metadata.name, status: run['status'] })),
            null,
            1,
          )}\n`,
        );
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(values.parallel) }, worker));
  } finally {
    await server.stop();
    if (values.verbose) process.stdout.write(server.log());
  }
  return outcomes;
}
