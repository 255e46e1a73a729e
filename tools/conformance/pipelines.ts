import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { startServer } from '../../test/support/test-server.ts';
import { type Case, casesOf, type Outcome, runCase } from './run-pipeline-case.ts';
import { standInImages } from './stand-in-images.ts';
import { type Counts, type Suite, UsageError } from './suite.ts';

/**
 * Runs every file of a folder of upstream's examples on a server of ours. Files under `alpha/` run with the alpha features on, as in
 * upstream's CI.
 */
export const suite: Suite = {
  usage: 'FOLDER [--only TEXT] [--parallel N] [--limit SECONDS] [--isolation process] [--verbose]',
  run,
};

const OPTIONS = {
  only: { type: 'string', default: '' },
  parallel: { type: 'string', default: '4' },
  limit: { type: 'string', default: '90' },
  isolation: { type: 'string', default: 'bubblewrap' },
  verbose: { type: 'boolean', default: false },
} as const;

const ALPHA_FLAGS = {
  'enable-api-fields': 'alpha',
  'enable-cel-in-whenexpression': true,
  'enable-param-enum': true,
  'enable-artifacts': true,
  'enable-concise-resolver-syntax': true,
};

interface Settings {
  readonly folder: string;
  readonly scratch: string;
  readonly imageMap: string;
  readonly parallel: number;
  readonly limitMs: number;
  readonly isolation: string;
  readonly verbose: boolean;
}

async function run(args: readonly string[]): Promise<Counts> {
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const [path] = positionals;
  if (path === undefined) throw new UsageError('pipelines: no folder given');
  const folder = resolve(path);
  const cases = (await casesOf(folder)).filter(({ file }) => file.includes(values.only));
  const scratch = await mkdtemp(join(tmpdir(), 'tappet-conformance-'));
  try {
    const { imageMap, missing } = await standInImages(join(scratch, 'images'));
    for (const what of missing) process.stdout.write(`missing on this machine: ${what}\n`);
    const { isolation, verbose } = values;
    const limitMs = Number(values.limit) * 1000;
    const settings: Settings = { folder, scratch, imageMap, parallel: Number(values.parallel), limitMs, isolation, verbose };
    const isAlpha = ({ file }: Case): boolean => file.includes('alpha/');
    const outcomes = [
      ...(await runAll(
        settings,
        'default',
        {},
        cases.filter((one) => !isAlpha(one)),
      )),
      ...(await runAll(settings, 'alpha', ALPHA_FLAGS, cases.filter(isAlpha))),
    ];
    const passed = outcomes.filter((outcome) => outcome.passed).length;
    return { passed, failed: outcomes.length - passed };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function runAll(
  settings: Settings,
  name: string,
  features: Readonly<Record<string, unknown>>,
  some: readonly Case[],
): Promise<readonly Outcome[]> {
  if (some.length === 0) return [];
  const { folder, scratch, imageMap, isolation, verbose } = settings;
  const config = join(scratch, `${name}.yaml`);
  await writeFile(config, stringify({ engine: features }));
  const flags = ['--config', config, '--image-map', imageMap, '--isolation', isolation, '--log-level', 'warn', '--max-pods', '16'];
  const server = await startServer(join(scratch, name), flags);
  const outcomes: Outcome[] = [];
  const queue = [...some];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await runCase(server, folder, next, settings.limitMs);
      outcomes.push(outcome);
      print(outcome, verbose);
    }
  };
  try {
    await Promise.all(Array.from({ length: settings.parallel }, worker));
  } finally {
    await server.stop();
    if (verbose) process.stdout.write(server.log());
  }
  return outcomes;
}

function print({ passed, tookMs, file, detail, runs }: Outcome, verbose: boolean): void {
  const seconds = (tookMs / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${passed ? 'ok  ' : 'FAIL'} ${seconds}s ${file}  ${detail.split('\n').join(' ')}\n`);
  if (!verbose || passed) return;
  const statuses = runs.map((run) => ({ name: run.metadata.name, status: run['status'] }));
  process.stdout.write(`${JSON.stringify(statuses, null, 1)}\n`);
}
