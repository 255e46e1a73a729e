import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { type BenchResult, resultTable } from './support/result.ts';

/**
 * `npm run bench [-- SUITE ...]`: measures what DESIGN section 8 budgets, prints a table, writes `bench-results/latest.json`. Ratios are
 * measured side by side in one run; absolute figures on a shared machine only hint.
 */
const SUITES: Readonly<Record<string, () => Promise<readonly BenchResult[]>>> = {
  ingest: async () => (await import('./suites/ingest.ts')).ingest(),
  triggers: async () => (await import('./suites/triggers.ts')).triggers(),
  latency: async () => (await import('./suites/latency.ts')).latency(),
  chain: async () => (await import('./suites/chain.ts')).chain(),
  graph: async () => (await import('./suites/graph.ts')).graph(),
  runs: async () => (await import('./suites/runs.ts')).runs(),
  api: async () => (await import('./suites/api.ts')).api(),
  kubernetes: async () => (await import('./suites/kubernetes.ts')).kubernetes(),
  start: async () => (await import('./suites/start.ts')).start(),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  process.stderr.write(`unknown suite ${unknown.join(', ')}; known: ${Object.keys(SUITES).join(', ')}\n`);
  process.exit(2);
}
const results: BenchResult[] = [];
for (const [name, run] of Object.entries(SUITES)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  results.push(...(await run()));
}
const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()}, Node ${process.versions.node}`;
process.stdout.write(`\n${machine}\n\n${resultTable(results)}\n`);
await mkdir('bench-results', { recursive: true });
await writeFile('bench-results/latest.json', `${JSON.stringify({ machine, at: new Date().toISOString(), results }, null, 2)}\n`);
