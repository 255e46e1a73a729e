import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeIsolation } from '../main/probe-isolation.ts';
import { parseSettings } from '../main/settings.ts';
import type { RunningServer } from '../main/start-server.ts';
import { appliedLines, apply } from './apply.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { succeeded } from './columns.ts';
import { type CliContext, contextOf, writeNote } from './context.ts';
import { demoRepository } from './demo-repository.ts';
import { eventText } from './event.ts';
import { exitCodeOf } from './follow-run.ts';
import { packageRoot } from './package-root.ts';
import { ofRecord } from './reach.ts';
import { send } from './send.ts';
import { recordOf, serverLines, startWithSettings, stopServer } from './serve.ts';
import { showRun } from './show-run.ts';
import { waitProcessed } from './wait-processed.ts';

export interface DemoOptions {
  /** End with the run's outcome instead of serving on. */
  readonly exit?: boolean | undefined;
}

const EXAMPLE = join(packageRoot(), 'examples', 'github-pull-request');
/** The secret in the example's listener.yaml. */
const SECRET = 'tappet-demo-secret';

/**
 * The product in one command: serves on free ports, loads the pull request example, sends GitHub's own sample event, signed, and shows
 * what becomes of it. Nothing outside a temporary folder is touched.
 */
export async function demo(options: DemoOptions): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-demo-'));
  const repository = await demoRepository(join(EXAMPLE, 'repository'), directory);
  let server: RunningServer | undefined;
  try {
    server = await start(join(directory, 'data'));
    const context = contextOf(ofRecord(recordOf(server)), 'default', new AbortController().signal);
    context.note(appliedLines(await apply(context, { files: [EXAMPLE] })).trimEnd());
    context.note(`\n${serverLines(server)}\n`);
    const code = await tellStory(context, repository);
    if (options.exit === true) process.exitCode = code;
    else await serveOn(context, server);
  } finally {
    if (server !== undefined) await stopServer(server);
    await repository.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function start(dataDir: string): Promise<RunningServer> {
  const probe = await probeIsolation();
  if (!probe.ok) {
    writeNote(
      `Steps of this demo run as plain processes, not in sandboxes: ${probe.message}\n${probe.remedy}\nThe demo's own example is harmless; do not serve strangers' pipelines like this.\n`,
    );
  }
  const parsed = parseSettings({
    dataDir,
    ingress: '127.0.0.1:0',
    api: '127.0.0.1:0',
    images: [{ pattern: '*', serves: 'host' }],
    isolation: probe.ok ? 'bubblewrap' : 'process',
  });
  if (!parsed.ok) throw new CliError(exitCodes.usage, parsed.errors.join('\n'));
  return startWithSettings(parsed.settings, 'warn');
}

async function tellStory(context: CliContext, repository: { readonly url: string; readonly sha: string }): Promise<ExitCode> {
  context.note('sending a signed pull_request.opened event ...');
  let id = '';
  await send(
    { ...context, print: (text) => (id = text.trim()), note: () => {} },
    {
      event: 'pull_request.opened',
      listener: 'github',
      secret: SECRET,
      set: [`repository.clone_url=${repository.url}`, `pull_request.head.sha=${repository.sha}`],
    },
  );
  const entry = await waitProcessed(context, id);
  const created = entry.verdicts.flatMap((verdict) => (verdict.verdict === 'matched' ? verdict.created : []));
  const run = created.find((object) => object.kind === 'PipelineRun' && object.error === undefined);
  if (run === undefined) {
    context.print(eventText(context, entry, true));
    throw new CliError(exitCodes.failed, 'the event created no PipelineRun');
  }
  const ended = await showRun(context, 'PipelineRun', run.name);
  context.print(`\n${eventText(context, entry, false)}`);
  return ended === undefined ? exitCodes.unavailable : exitCodeOf(succeeded(ended));
}

async function serveOn(context: CliContext, server: RunningServer): Promise<void> {
  context.print(
    `
Still serving. In another terminal, try:
  export TAPPET_DATA_DIR=${server.dataDir}
  export TAPPET_WEBHOOK_SECRET=${SECRET}
  npx tappet send pull_request.opened --listener github
  npx tappet send pull_request.closed --listener github
  npx tappet events
  npx tappet event <id> --explain
  npx tappet get pipelineruns
Ctrl-C ends the demo and removes its files.
`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
