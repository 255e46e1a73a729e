import { writeFile } from 'node:fs/promises';
import { rehearseEvent } from '../../main/rehearse-event.ts';
import { CliError, type ExitCode, exitCodes } from '../cli-error.ts';
import { diffLines } from '../diff-lines.ts';
import { cut, hang } from '../fit.ts';
import { cannotRead } from '../read-manifests.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { verdictLines } from '../verdict-lines.ts';
import { checkTest, type Problem, type Update } from './check-test.ts';
import { Coverage } from './coverage.ts';
import { findTests } from './find-tests.ts';
import { type JunitCase, junitXml } from './junit.ts';
import { configurationLoader } from './load-configuration.ts';
import { type LoadedTest, loadTests } from './load-tests.ts';
import { rehearsalOf } from './rehearsal.ts';
import { updateFile } from './update-file.ts';

export interface TriggerTestOptions {
  readonly paths: readonly string[];
  /** Where to write JUnit's XML. */
  readonly junit?: string | undefined;
  /** Puts what came into the tests in place of the params and objects that were expected. */
  readonly update?: boolean | undefined;
  readonly requireCoverage?: boolean | undefined;
}

export interface TriggerTestContext {
  readonly terminal: Terminal;
  print(text: string): void;
  readonly now: () => number;
}

interface Outcome extends LoadedTest {
  readonly problems: readonly Problem[];
  readonly tookMs: number;
}

/** Runs the tests of files and folders, each at a server of its own in memory. 0: all passed, 1: not, 2: a test or its configuration is wrong. */
export async function triggerTest(context: TriggerTestContext, options: TriggerTestOptions): Promise<ExitCode> {
  const tests = await loadTests(await findTests(options.paths));
  const load = configurationLoader();
  const coverage = new Coverage();
  const outcomes: Outcome[] = [];
  let file = '';
  for (const loaded of tests) {
    const { spec } = loaded.test;
    const configuration = await load(loaded.file, spec.configuration, spec.namespace ?? 'default');
    if (!configuration.ok) throw new CliError(exitCodes.usage, configuration.errors.join('\n'));
    coverage.add(configuration.value, loaded.test);
    const rehearsal = await rehearsalOf(loaded, configuration.value);
    const started = context.now();
    const problems = checkTest(loaded.test, await rehearseEvent(rehearsal));
    const outcome = { ...loaded, problems, tookMs: context.now() - started };
    outcomes.push(outcome);
    if (loaded.file !== file) context.print(`${file === '' ? '' : '\n'}${cut(oneLine(loaded.file), context.terminal.width)}\n`);
    file = loaded.file;
    context.print(
      outcomeLines(context.terminal, outcome)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  const notCovered = coverage.notCovered();
  if (options.update === true) await updateAll(context, outcomes);
  if (options.junit !== undefined) await writeJunit(options.junit, outcomes, options.requireCoverage === true ? notCovered : []);
  const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
  context.print(
    `\n${notCovered
      .flatMap((text) => hang('not covered: ', oneLine(text), context.terminal.width))
      .map((line) => `${line}\n`)
      .join('')}`,
  );
  context.print(`${outcomes.length - failed} passed, ${failed} failed\n`);
  return failed > 0 || (options.requireCoverage === true && notCovered.length > 0) ? exitCodes.failed : exitCodes.ok;
}

function outcomeLines(terminal: Terminal, { test, problems, tookMs }: Outcome): string[] {
  const passed = problems.length === 0;
  const mark = terminal.paint(passed ? 'green' : 'red', passed ? '✓' : '✗');
  const took = terminal.paint('dim', `${tookMs.toFixed(0)} ms`);
  return [
    `  ${mark} ${cut(oneLine(test.metadata.name), terminal.width - 14)}  ${took}`,
    ...problems.flatMap((problem) => problemLines(terminal, problem)),
  ];
}

function problemLines(terminal: Terminal, { what, verdict, diff = [] }: Problem): string[] {
  const narrow: Terminal = { ...terminal, width: terminal.width - 6, interactive: terminal.interactive };
  return [
    ...hang('      ', oneLine(what), terminal.width),
    // Its first line is the verdict, which has been told.
    ...(verdict === undefined
      ? []
      : verdictLines(narrow, verdict, { explain: false, tried: true })
          .slice(1)
          .map((line) => `    ${line}`)),
    ...diffLines(terminal, diff, 8),
  ];
}

const PLAIN: Terminal = {
  interactive: false,
  width: Number.POSITIVE_INFINITY,
  height: Number.POSITIVE_INFINITY,
  paint: (_, text) => text,
  output: (line) => line,
};

async function writeJunit(path: string, outcomes: readonly Outcome[], notCovered: readonly string[]): Promise<void> {
  const cases = outcomes.map(({ file, test, problems, tookMs }): JunitCase => {
    const lines = problems.flatMap((problem) => problemLines(PLAIN, problem)).map((line) => line.replace(/^ {6}/, ''));
    return { suite: file, name: test.metadata.name, tookMs, failure: problems.length === 0 ? undefined : lines.join('\n') };
  });
  const missing = notCovered.map((text): JunitCase => ({ suite: 'coverage', name: text, tookMs: 0, failure: `not covered: ${text}` }));
  await writeFile(path, junitXml([...cases, ...missing])).catch(cannotRead(path));
}

async function updateAll(context: TriggerTestContext, outcomes: readonly Outcome[]): Promise<void> {
  const files = new Map<string, Map<string, readonly Update[]>>();
  for (const { file, test, problems } of outcomes) {
    const updates = problems.flatMap(({ update }) => update ?? []);
    if (updates.length > 0) files.set(file, new Map([...(files.get(file) ?? []), [test.metadata.name, updates]]));
  }
  for (const [file, updates] of files) {
    await updateFile(file, updates);
    context.print(`\n${oneLine(file)}: updated ${[...updates.keys()].map(oneLine).join(', ')}; run again\n`);
  }
}
