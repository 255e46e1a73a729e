import { runSpecTest } from '../../test/conformance/cel-spec/run-spec-test.ts';
import { specCases } from '../../test/conformance/cel-spec/spec-tests.ts';
import type { Counts, Suite } from './suite.ts';

/** The CEL specification's own tests: what fails, then for every file how many passed, failed and were left out for which reason. */
export const suite: Suite = { usage: '', run };

interface FileCounts {
  passed: number;
  failed: number;
  readonly leftOut: Map<string, number>;
}

async function run(): Promise<Counts> {
  const files = new Map<string, FileCounts>();
  for (const { file, name, test, leftOut } of specCases()) {
    const counts = files.get(file) ?? { passed: 0, failed: 0, leftOut: new Map() };
    files.set(file, counts);
    if (leftOut !== undefined) {
      counts.leftOut.set(leftOut, (counts.leftOut.get(leftOut) ?? 0) + 1);
      continue;
    }
    const wrong = runSpecTest(test);
    if (wrong === undefined) counts.passed += 1;
    else counts.failed += 1;
    if (wrong !== undefined) process.stdout.write(`FAIL ${file}/${name}: ${test.expr}\n     ${wrong}\n`);
  }
  return print(files);
}

function print(files: ReadonlyMap<string, FileCounts>): Counts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  process.stdout.write(`${row('file', 'passed', 'failed', 'left out')}\n`);
  for (const [file, { passed, failed, leftOut }] of files) {
    const reasons = [...leftOut].map(([reason, count]) => `${count} ${reason}`);
    const skipped = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`${row(file, passed, failed, skipped)}  ${reasons.join('; ')}`.trimEnd());
    process.stdout.write('\n');
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  process.stdout.write(`${row('all', total.passed, total.failed, total.skipped)}\n`);
  return total;
}

function row(file: string, ...numbers: readonly (string | number)[]): string {
  return file.padEnd(16) + numbers.map((number) => String(number).padStart(9)).join('');
}
