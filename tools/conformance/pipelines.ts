import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { clusterServer, embeddedServer } from './case-server.ts';
import { type Case, casesOf } from './cases.ts';
import { type Outcome, runCase } from './run-pipeline-case.ts';
import { SERVED, standInImages } from './stand-in-images.ts';
import { DeliberateDifferences, shown, TABLE } from './status/deliberate-differences.ts';
import { judgeCase, type Verdict } from './status/judge-case.ts';
import { type Counts, type Suite, UsageError } from './suite.ts';

/**
 * Runs every file of a folder of upstream's examples on a server of ours. Files under `beta/` and `alpha/` run with the features on that upstream's CI
 * has on for them. With `--status` every run of a file must also be as upstream left it (`NAME.status.json` beside it), but for what
 * `deliberate-differences.yaml` lists.
 */
export const suite: Suite = {
  usage:
    'FOLDER|FILE [--status] [--only TEXT] [--parallel N] [--limit SECONDS] [--isolation process] [--runtime kubernetes [--plain-images]] [--verbose]',
  run,
};

const OPTIONS = {
  status: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  parallel: { type: 'string', default: '4' },
  limit: { type: 'string', default: '90' },
  isolation: { type: 'string', default: 'bubblewrap' },
  runtime: { type: 'string', default: 'sandbox' },
  'plain-images': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

const BETA_FLAGS = { 'results-from': 'sidecar-logs' };

const ALPHA_FLAGS = {
  ...BETA_FLAGS,
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
  /** Of the cluster that runs them; absent: this machine does. */
  readonly kubeconfig: string | undefined;
  readonly plainImages: string | undefined;
  readonly verbose: boolean;
  /** With `--status`: which differences from upstream's status are meant. */
  readonly table: DeliberateDifferences | undefined;
}

interface Judged {
  readonly outcome: Outcome;
  /** With `--status`. */
  readonly verdict: Verdict | undefined;
}

async function run(args: readonly string[]): Promise<Counts> {
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const [path] = positionals;
  if (path === undefined) throw new UsageError('pipelines: no folder given');
  const cases = (await casesOf(path)).filter(({ file }) => file.includes(values.only));
  const scratch = await mkdtemp(join(tmpdir(), 'tappet-conformance-'));
  try {
    const { imageMap, missing } = await standInImages(join(scratch, 'images'));
    if (values.status) for (const what of SERVED) process.stdout.write(`images: ${what}\n`);
    for (const what of missing) process.stdout.write(`missing on this machine: ${what}\n`);
    const { isolation, verbose } = values;
    const kubeconfig = values.runtime === 'kubernetes' ? kubeconfigOf(process.env) : undefined;
    const registry = process.env['TAPPET_TEST_REGISTRY'];
    const limitMs = Number(values.limit) * 1000;
    const table = values.status ? await DeliberateDifferences.read(TABLE) : undefined;
    const settings: Settings = {
      scratch,
      imageMap,
      parallel: Number(values.parallel),
      limitMs,
      isolation,
      kubeconfig,
      // The server asks a registry what an image runs; one of the cluster's own may answer for all.
      plainImages: values['plain-images'] ? (registry === undefined ? '' : `${registry}/`) : undefined,
      verbose,
      table,
    };
    const levelOf = ({ path: at }: Case): string => /(?:^|\/)(alpha|beta)\//.exec(at)?.[1] ?? 'default';
    const judged: Judged[] = [];
    for (const [level, flags] of Object.entries({ default: {}, beta: BETA_FLAGS, alpha: ALPHA_FLAGS }))
      judged.push(
        ...(await runAll(
          settings,
          level,
          flags,
          cases.filter((one) => levelOf(one) === level),
        )),
      );
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
  const entrypointImage = process.env['TAPPET_TEST_ENTRYPOINT_IMAGE'];
  const registry = process.env['TAPPET_TEST_REGISTRY'];
  const outbound = registry === undefined ? undefined : { allow: [registry.split('/', 1)[0]] };
  await writeFile(
    config,
    stringify({ engine: features, ...(outbound && { outbound }), ...(entrypointImage && { kubernetes: { entrypointImage } }) }),
  );
  const flags = ['--config', config, '--image-map', imageMap, '--isolation', isolation, '--log-level', 'warn', '--max-pods', '16'];
  const server =
    settings.kubeconfig === undefined
      ? await embeddedServer(join(scratch, name), flags)
      : await clusterServer(join(scratch, name), settings.kubeconfig, ['--config', config, '--log-level', 'warn'], settings.plainImages);
  const judged: Judged[] = [];
  const queue = [...some];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await runCase(server, next, settings.limitMs);
      const one = { outcome, verdict: table && (await judgeCase(outcome, table)) };
      judged.push(one);
      print(one, settings);
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

function kubeconfigOf({ TAPPET_TEST_KUBECONFIG, KUBECONFIG }: NodeJS.ProcessEnv): string {
  const file = TAPPET_TEST_KUBECONFIG ?? KUBECONFIG;
  if (file === undefined)
    throw new UsageError('pipelines --runtime kubernetes: name the cluster with TAPPET_TEST_KUBECONFIG or KUBECONFIG');
  return resolve(file);
}

function isPassed({ outcome, verdict }: Judged): boolean {
  return verdict === undefined ? outcome.passed : verdict.differences.length === 0;
}

function print(judged: Judged, { verbose }: Settings): void {
  const { tookMs, file, detail, runs } = judged.outcome;
  const seconds = (tookMs / 1000).toFixed(1).padStart(5);
  const passed = isPassed(judged);
  const summary = judged.verdict === undefined ? '' : `  ${summaryOf(judged.verdict)}`;
  process.stdout.write(`${passed ? 'ok  ' : 'FAIL'} ${seconds}s ${file}  ${detail.split('\n').join(' ')}${summary}\n`);
  for (const { path, got, expected } of judged.verdict?.differences ?? []) {
    process.stdout.write(`     ${path}\n       got      ${shown(got)}\n       expected ${shown(expected)}\n`);
  }
  if (!verbose || passed) return;
  const statuses = runs.map((run) => ({ name: run.metadata.name, status: run['status'] }));
  process.stdout.write(`${JSON.stringify(statuses, null, 1)}\n`);
}

function summaryOf({ differences, deliberate, recorded }: Verdict): string {
  const meant = deliberate > 0 ? `, ${deliberate} differences on purpose` : '';
  if (differences.length > 0) return `differs in ${differences.length}${meant}`;
  return `${recorded ? 'status equal' : 'no status of upstream'}${meant}`;
}

function printTable(table: DeliberateDifferences, judged: readonly Judged[]): void {
  const compared = judged.flatMap(({ verdict }) => (verdict?.recorded ? [verdict] : []));
  const equal = compared.filter(({ differences }) => differences.length === 0);
  const exact = equal.filter(({ deliberate }) => deliberate === 0);
  process.stdout.write(
    `\nstatus of upstream: ${compared.length} compared, ${exact.length} equal, ${equal.length - exact.length} equal but for differences on purpose\n`,
  );
  const used = table.counts.filter(({ count }) => count > 0);
  if (used.length > 0) process.stdout.write('\ndifferences on purpose (tools/conformance/deliberate-differences.yaml):\n');
  for (const { row, count } of used) {
    process.stdout.write(
      `${String(count).padStart(5)}  ${row.path}${row.file === undefined ? '' : `  in ${row.file}`}\n       ${row.reason}\n`,
    );
  }
}
