import { suite as celSpec } from './conformance/cel-spec.ts';
import { suite as pipelines } from './conformance/pipelines.ts';
import { type Suite, UsageError } from './conformance/suite.ts';
import { suite as triggers } from './conformance/triggers.ts';
import { suite as triggersVectors } from './conformance/triggers-vectors.ts';

/** `npm run conformance -- SUITE ARGUMENTS`: runs one suite and closes with `N passed, N failed`. */
const suites = new Map<string, Suite>([
  ['pipelines', pipelines],
  ['triggers', triggers],
  ['triggers-vectors', triggersVectors],
  ['cel-spec', celSpec],
]);

const [name = '', ...args] = process.argv.slice(2);
const suite = suites.get(name);
try {
  if (suite === undefined) throw new UsageError(name === '' ? 'no suite given' : `there is no suite ${name}`);
  const { passed, failed, skipped = 0 } = await suite.run(args);
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error;
  const usages = [...suites].map(([known, { usage }]) => `  npm run conformance -- ${known} ${usage}`.trimEnd());
  process.stderr.write(`${error instanceof Error ? error.message : ''}\nusage:\n${usages.join('\n')}\n`);
  process.exitCode = 2;
}
