import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { startServer } from '../../test/support/test-server.ts';
import { type Case, casesOf } from './cases.ts';
import { type Outcome, runCase } from './run-pipeline-case.ts';
import { standInImages } from './stand-in-images.ts';
import { DeliberateDifferences, shown, TABLE } from './status/deliberate-differences.ts';
import { judgeStatus, type StatusVerdict } from './status/judge-status.ts';
import { type Counts, type Suite, UsageError } from './suite.ts';

/**
 * Runs every file of a folder of upstream's examples on a server of ours. Files under `alpha/` run with the alpha features on, as in
 * upstream's CI. With `--status` every run of a file must also be as upstream left it (`NAME.status.json` beside it), but for what
 * `deliberate-differences.yaml` lists.
 */
export const suite: Suite = {
  usage: 'FOLDER|FILE [--status] [--only TEXT] [--parallel N] [--limit SECONDS] [--isolation process] [--verbose]',
  run,
};

const OPTIONS = {
  status: { type: 'boolean', default: false },
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
  readonly scratch: string;
  readonly imageMap: string;
  readonly parallel: number;
  readonly limitMs: number;
  readonly isolation: string;
  readonly verbose: boolean;
  /** With `--status`: which differences from upstream's status are meant. */
  readonly table: DeliberateDifferences | undefined;
}

interface Judged {
  readonly outcome: Outcome;
  /** Absent when it was not asked for, or upstream left none. */
  readonly status: StatusVerdict | undefined;
}

async function run(args: readonly string[]): Promise<Counts> {
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const [path] = positionals;
  if (path === undefined) throw new UsageError('pipelines: no folder given');
  const cases = (await casesOf(path)).filter(({ file }) => file.includes(values.only));
  const scratch = await mkdtemp(join(tmpdir(), 'tappet-conformance-'));
  try {
    const { imageMap, missing } = await standInImages(join(scratch, 'images'));
    for (const what of missing) process.stdout.write(`missing on this machine: ${what}\n`);
    const { isolation, verbose } = values;
    const limitMs = Number(values.limit) * 1000;
    const table = values.status ? await DeliberateDifferences.read(TABLE) : undefined;
    const settings: Settings = { scratch, imageMap, parallel: Number(values.parallel), limitMs, isolation, verbose, table };
    const isAlpha = ({ path: at }: Case): boolean => /(^|\/)alpha\//.test(at);
    const plain = cases.filter((one) => !isAlpha(one));
    const alpha = cases.filter(isAlpha);
    const judged = [...(await runAll(settings, 'default', {}, plain)), ...(await runAll(settings, 'alpha', ALPHA_FLAGS, alpha))];
    if (table !== undefined) printTable(table, judged);
    const passed = judged.filter(isPassed).length;
    return { passed, failed: judged.length - passed };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function runAll(
  settings: Settings,
  name: string,
  features: Readonly<Record<string, unknown>>,
  some: readonly Case[],
): Promise<readonly Judged[]> {
  if (some.length === 0) return [];
  const { scratch, imageMap, isolation, verbose, table } = settings;
  const config = join(scratch, `${name}.yaml`);
  await writeFile(config, stringify({ engine: features }));
  const flags = ['--config', config, '--image-map', imageMap, '--isolation', isolation, '--log-level', 'warn', '--max-pods', '16'];
  const server = await startServer(join(scratch, name), flags);
  const judged: Judged[] = [];
  const queue = [...some];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await runCase(server, next, settings.limitMs);
      const status = table && (await judgeStatus(next.path, next.file, outcome.runs, table));
      judged.push({ outcome, status });
      print({ outcome, status }, settings);
    }
  };
  try {
    await Promise.all(Array.from({ length: settings.parallel }, worker));
  } finally {
    await server.stop();
    if (verbose) process.stdout.write(server.log());
  }
  return judged;
}

function isPassed({ outcome, status }: Judged): boolean {
  return outcome.passed && (status === undefined || status.differences.length === 0);
}

function print(judged: Judged, { verbose, table }: Settings): void {
  const { tookMs, file, detail, runs } = judged.outcome;
  const seconds = (tookMs / 1000).toFixed(1).padStart(5);
  const summary = table === undefined ? '' : `  ${summaryOf(judged.status)}`;
  process.stdout.write(`${isPassed(judged) ? 'ok  ' : 'FAIL'} ${seconds}s ${file}  ${detail.split('\n').join(' ')}${summary}\n`);
  for (const { path, got, expected } of judged.status?.differences ?? []) {
    process.stdout.write(`     ${path}\n       got      ${shown(got)}\n       expected ${shown(expected)}\n`);
  }
  if (!verbose || isPassed(judged)) return;
  const statuses = runs.map((run) => ({ name: run.metadata.name, status: run['status'] }));
  process.stdout.write(`${JSON.stringify(statuses, null, 1)}\n`);
}

function summaryOf(status: StatusVerdict | undefined): string {
  if (status === undefined) return 'no status of upstream';
  const { differences, deliberate } = status;
  const meant = deliberate > 0 ? `, ${deliberate} on purpose` : '';
  return differences.length === 0 ? `status equal${meant}` : `status differs in ${differences.length}${meant}`;
}

function printTable(table: DeliberateDifferences, judged: readonly Judged[]): void {
  const compared = judged.filter(({ status }) => status !== undefined);
  const equal = compared.filter(({ status }) => status?.differences.length === 0).length;
  process.stdout.write(`\nstatus: ${equal} of ${compared.length} equal to upstream's\ndifferences on purpose:\n`);
  for (const { row, count } of table.counts) {
    process.stdout.write(
      `${String(count).padStart(5)}  ${row.path}${row.file === undefined ? '' : `  in ${row.file}`}\n       ${row.reason}\n`,
    );
  }
}
