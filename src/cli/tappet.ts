import { Command, Option } from 'commander';
import { VERSION } from '../main/version.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { type CliContext, type CommonOptions, cliContext, offlineContext, writeNote } from './context.ts';

/**
 * The command line's only entry. Commands are loaded when they are called: starting must not pay for the server's modules.
 */
const stopped = new AbortController();

/** How long a command may take to end in good order after Ctrl-C. */
const STOP_WITHIN_MS = 1_000;
const INTERRUPTED = 130;

function common(command: Command): Command {
  return command
    .addOption(new Option('-n, --namespace <name>', 'namespace').env('TAPPET_NAMESPACE'))
    .optionsGroup('Which server (default: the one that serves the data directory):')
    .option('--data-dir <path>', "the server's data directory (env TAPPET_DATA_DIR)")
    .option('--server <url>', 'its API instead (env TAPPET_SERVER)')
    .option('--token <token>', 'bearer token of the server (env TAPPET_TOKEN)')
    .option('--kubeconfig <file>', 'the server or cluster of this kubeconfig (env TAPPET_KUBECONFIG)')
    .option('--context <name>', 'a context of it, or else of KUBECONFIG or ~/.kube/config (env TAPPET_CONTEXT)')
    .option('--api-service <namespace/name>', 'there, where events are asked for (env TAPPET_API_SERVICE; default tappet/tappet-api)')
    .optionsGroup('Options:');
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Runs one client command with its context; a number it gives is the exit code. */
async function withContext(
  options: CommonOptions,
  work: (context: CliContext) => Promise<unknown>,
  contextFor: typeof cliContext = cliContext,
): Promise<void> {
  process.once('SIGINT', () => {
    stopped.abort();
    process.exitCode = INTERRUPTED;
    // What does not listen to the signal (a request, a read of standard input) is cut off.
    setTimeout(() => process.exit(INTERRUPTED), STOP_WITHIN_MS).unref();
  });
  const code = await work(await contextFor(options, stopped.signal));
  if (stopped.signal.aborted) process.exitCode = INTERRUPTED;
  else if (typeof code === 'number' && code !== 0) process.exitCode = code;
}

// A reader that has seen enough ("| head") is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = new Command('tappet')
  .description('Webhook event trigger server with a pipeline engine. Speaks Tekton.')
  .version(VERSION)
  .configureHelp({
    subcommandTerm: (command) =>
      [
        command.name(),
        ...command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`)),
      ].join(' '),
  })
  .showHelpAfterError('("tappet COMMAND --help" tells more)')
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : exitCodes.usage);
  });

program.commandsGroup('Server:');

program
  .command('serve')
  .description('run the server: event listeners, engine, API')
  .option('--data-dir <path>', 'where everything is kept (env TAPPET_DATA_DIR; default ~/.local/share/tappet)')
  .option('--config <file>', 'YAML file with the same settings, and more')
  .option('--load <path>', 'apply these resources at the start; repeatable', collect)
  .addOption(new Option('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error', 'silent']).default('info'))
  .optionsGroup('Network:')
  .option('--ingress <host:port>', 'public listener for webhooks; port 0 takes a free one (default 127.0.0.1:8080)')
  .option('--api <host:port>', 'private listener: the API (default 127.0.0.1:8081)')
  .option('--api-token <token>', 'bearer token of the API (env TAPPET_API_TOKEN; default: one is made and kept in the data directory)')
  .option(
    '--allow-outbound <host|cidr>',
    'a server that may be called though it is not public: hooks.internal, 127.0.0.1:9000, 10.0.0.0/8; repeatable',
    collect,
  )
  .optionsGroup('Running steps:')
  .option(
    '--image-map <pattern=target>',
    'what serves an image: "host" or an unpacked root folder; repeatable, first match wins; or a YAML file',
    collect,
  )
  .addOption(new Option('--isolation <kind>', 'how steps are kept apart').choices(['bubblewrap', 'process']))
  .addOption(new Option('--network <kind>', 'network of the steps').choices(['host', 'none']))
  .option('--max-pods <count>', 'pods that run at once')
  .addOption(new Option('--engine <engine>', 'who executes runs').choices(['tappet', 'tekton', 'none']))
  .optionsGroup('On Kubernetes:')
  .option('--cluster', 'resources and pods are those of a Kubernetes cluster; only events are kept here')
  .option('--kubeconfig <file>', 'how it is reached (default: the pod this runs in, else KUBECONFIG, ~/.kube/config)')
  .option('--context <name>', 'of the kubeconfig')
  .action(async (options) => (await import('./serve.ts')).serve(options));

program
  .command('demo')
  .description('watch a pull request event become a finished pipeline')
  .option('--exit', "end with the run's outcome instead of serving on")
  .action(async (options) => (await import('./demo.ts')).demo(options));

program.commandsGroup('Resources:');

common(program.command('apply'))
  .description('create or update resources; all or none')
  .requiredOption('-f, --file <path>', 'file, folder or - for standard input; repeatable', collect)
  .option('--dry-run', 'only check')
  .action((options) =>
    withContext(options, async (context) => {
      const { apply, appliedLines } = await import('./apply.ts');
      const applied = await apply(context, { files: options.file, dryRun: options.dryRun });
      context.print(options.dryRun === true ? 'all resources are valid, nothing was written\n' : appliedLines(applied));
    }),
  );

program
  .command('lint')
  .description('check resources without a server: expressions, fields of payloads, what does not fit together')
  .option('-f, --file <path>', 'file, folder (with all below it) or -; repeatable (default: this folder)', collect)
  .option('-o, --output <format>', 'text, json or github (annotations of a workflow)')
  .option('--strict', 'exit 1 on warnings as well')
  .addHelpText('after', '\nExit codes: 0 no errors, 1 errors, 2 nothing to check.')
  .action(async (options) => {
    const [{ lint }, { terminalOf }] = await Promise.all([import('./lint.ts'), import('./terminal.ts')]);
    const context = { terminal: terminalOf(process.stdout), print: (text: string) => void process.stdout.write(text) };
    process.exitCode = await lint(context, { files: options.file, output: options.output, strict: options.strict });
  });

program
  .command('schema')
  .description('print the JSON Schema of a kind, or of all, for editors')
  .argument('[kind]', 'e.g. pipeline; default: all kinds in one schema')
  .option('-o, --output <folder>', 'write the schemas of all kinds there, one file each and all.json')
  .action(async (kind, options) => (await import('./schema.ts')).schema(kind, options));

program
  .command('manifests')
  .description('print what the Helm chart installs on a cluster, for those without Helm: pipe it into "kubectl apply --server-side -f -"')
  .option('-f, --values <file>', "values over the chart's own; repeatable, the last one wins", collect)
  .option('--set <path=value>', 'one value, as Helm reads it: a.b=c,d[0]=e,f={g,h}; repeatable', collect)
  .option('--name <name>', "the release's name", 'tappet')
  .option('-n, --namespace <name>', 'namespace of the server (it has to exist)', 'default')
  .option('--include-crds', 'with the CustomResourceDefinitions')
  .action(async (options) => void process.stdout.write(await (await import('./manifests.ts')).manifests(options)));

common(program.command('export'))
  .description('write what is configured as YAML for another server or a cluster: no runs, nothing that others own')
  .option('-o, --output <folder>', 'into files there, one for each namespace and kind (default: standard output)')
  .option('-A, --all-namespaces', 'of all namespaces, and what belongs to none')
  .option('--no-secrets', 'leave Secrets out; else they are written in clear')
  .action(async (options) => withContext(options, async (context) => (await import('./export.ts')).exportAll(context, options)));

common(program.command('import'))
  .description('apply what was exported, here or from a cluster ("kubectl get -o yaml"): without what that server noted')
  .requiredOption('-f, --file <path>', 'file, folder (with all below it) or -; repeatable', collect)
  .option('--dry-run', 'check everything on the server, write nothing')
  .action(async (options) =>
    withContext(options, async (context) => {
      const [{ appliedLines }, { importAll }] = await Promise.all([import('./apply.ts'), import('./import.ts')]);
      const applied = await importAll(context, { files: options.file, dryRun: options.dryRun });
      context.print(options.dryRun === true ? 'all resources are valid, nothing was written\n' : appliedLines(applied));
    }),
  );

common(program.command('get'))
  .description('list resources of a kind, or show one')
  .argument('<kind>', 'e.g. pipelineruns, pr, taskruns, tasks, eventlisteners')
  .argument('[name]')
  .option('-o, --output <format>', 'json, yaml, name or wide')
  .option('-l, --selector <labels>', 'label selector')
  .option('-A, --all-namespaces', 'of all namespaces')
  .action((kind, name, options) =>
    withContext(options, async (context) => (await import('./get.ts')).get(context, { kind, name, ...options })),
  );

common(program.command('describe'))
  .description('everything about one resource, for people')
  .argument('<kind>')
  .argument('<name>')
  .option('-o, --output <format>', 'json or yaml')
  .action((kind, name, options) =>
    withContext(options, async (context) => (await import('./describe.ts')).describe(context, { kind, name, ...options })),
  );

common(program.command('delete'))
  .description('delete one resource and what it owns')
  .argument('<kind>')
  .argument('<name>')
  .action((kind, name, options) =>
    withContext(options, async (context) => (await import('./delete.ts')).deleteOne(context, { kind, name })),
  );

program.commandsGroup('Runs:');

common(program.command('run'))
  .description('apply, follow the run to its end, exit as it ended')
  .requiredOption('-f, --file <path>', 'file, folder or - for standard input; repeatable', collect)
  .addHelpText(
    'after',
    '\nExit codes: 0 succeeded, 1 failed, 2 wrong command line or file, 3 cancelled,\n4 timed out, 5 no server, 130 interrupted (the run goes on).',
  )
  .action((options) => withContext(options, async (context) => (await import('./run.ts')).run(context, { files: options.file })));

common(program.command('logs'))
  .description('what the steps of a run wrote')
  .argument('<run>', 'NAME, pr/NAME or tr/NAME')
  .option('-f, --follow', 'live, until the run has ended')
  .action((run, options) =>
    withContext(options, async (context) => (await import('./logs.ts')).logs(context, { run, follow: options.follow })),
  );

common(program.command('cancel'))
  .description('cancel a run')
  .argument('<run>', 'NAME, pr/NAME or tr/NAME')
  .action((run, options) => withContext(options, async (context) => (await import('./cancel.ts')).cancel(context, { run })));

common(program.command('rerun'))
  .description('make a run again as a new one, all of it or what failed')
  .argument('<run>', 'NAME, pr/NAME or tr/NAME')
  .option('--from-failed', 'only what did not succeed and what is behind it; the rest stays as it was')
  .option('--from <task>', 'this task, what is behind it and what did not succeed')
  .option('--only <task>', 'this task alone')
  .option('--fresh-workspaces', 'empty workspaces, though tasks stay that may have left files in the old ones')
  .option('-f, --follow', 'show the new run to its end, exit as it ended')
  .addHelpText('after', '\nFinally tasks always run again, except when one of them is named.')
  .action((run, options) => withContext(options, async (context) => (await import('./rerun.ts')).rerun(context, { run, ...options })));

program.commandsGroup('Events:');

common(program.command('events'))
  .description('the newest events and what became of them')
  .option('--listener <name>', 'only of this EventListener')
  .option('--limit <count>', 'how many', '20')
  .option('-A, --all-namespaces', 'of all namespaces')
  .option('-o, --output <format>', 'json or yaml')
  .action((options) => withContext(options, async (context) => (await import('./events.ts')).events(context, options)));

common(program.command('event'))
  .description('why an event did what it did, trigger by trigger')
  .argument('<id>', 'id of the event, or its beginning')
  .option('--explain', 'every step, param, sub-expression and rendered object')
  .option('--as-test', 'print it as a file for "tappet trigger test", secrets redacted')
  .option('--trigger <name>', 'judge this trigger afresh, by the listener as it is now, and explain it')
  .option('-o, --output <format>', 'json or yaml')
  .action((id, options) => withContext(options, async (context) => (await import('./event.ts')).event(context, { id, ...options })));

common(program.command('replay'))
  .description('the same event once more, as a new one; signatures are not checked')
  .argument('<id>', 'id of the event, or its beginning')
  .option('--set <path=value>', 'change the payload; repeatable', collect)
  .option('--payload <file>', 'this JSON file instead of the payload')
  .option('--header <header>', '"Name: value" instead of the header, "Name:" takes it away; repeatable', collect)
  .option('--dry-run', 'only tell what would come of it')
  .option('-f, --file <path>', 'with --dry-run: lay this file or folder over the configuration; repeatable', collect)
  .option('--no-wait', 'print the id of the new event and do not wait for its verdicts')
  .option('-o, --output <format>', 'json or yaml')
  .action((id, options) => withContext(options, async (context) => (await import('./replay.ts')).replay(context, { id, ...options })));

common(program.command('retry'))
  .description('judge an event again under its own id; creates only what is missing')
  .argument('<id>', 'id of the event, or its beginning')
  .option('--no-wait', 'do not wait for its verdicts')
  .option('-o, --output <format>', 'json or yaml')
  .action((id, options) => withContext(options, async (context) => (await import('./retry.ts')).retry(context, { id, ...options })));

common(program.command('send'))
  .description("send a signed sample of GitHub's events to a listener")
  .argument('<event>', 'e.g. pull_request.opened or push')
  .requiredOption('--listener <name>', 'EventListener to send to')
  .addOption(new Option('--secret <secret>', 'signs the body').env('TAPPET_WEBHOOK_SECRET'))
  .option('--set <path=value>', 'change the payload; repeatable', collect)
  .option('--body <file>', 'send this JSON file instead of the sample')
  .option('--delivery-id <id>', 'X-GitHub-Delivery; default: a new one')
  .action((event, options) => withContext(options, async (context) => (await import('./send.ts')).send(context, { event, ...options })));

const trigger = program.command('trigger').description('tests of triggers: which events fire them, and what they create');

trigger
  .command('test')
  .description('run the *.trigger-test.yaml of files and folders; needs no server')
  .argument('[path...]', 'files, and folders with all below them (default: this folder)')
  .option('-f, --file <path>', 'the same as a path; repeatable', collect)
  .option('--junit <file>', 'write the results as JUnit XML')
  .option('--update', 'put what came into the tests, in place of expected params and objects')
  .option('--require-coverage', 'fail when a trigger has no test')
  .addHelpText(
    'after',
    '\nExit codes: 0 all passed, 1 not all, 2 a test or its configuration is wrong.\nThe form of the files: docs/trigger-tests.md',
  )
  .action(async (paths: readonly string[], options) => {
    const { triggerTest } = await import('./trigger-test/trigger-test.ts');
    const { terminalOf } = await import('./terminal.ts');
    const all = [...paths, ...((options.file as readonly string[] | undefined) ?? [])];
    process.exitCode = await triggerTest(
      { terminal: terminalOf(process.stdout), print: (text) => void process.stdout.write(text), now: () => performance.now() },
      { ...options, paths: all.length === 0 ? ['.'] : all },
    );
  });

program.commandsGroup('Schedules:');

const schedules = common(program.command('schedules'))
  .description('schedules and their next five fires; "schedules run NAME" fires one now')
  .option('-f, --file <path>', 'those of a file or folder, without a server; repeatable', collect)
  .option('-A, --all-namespaces', 'of all namespaces')
  .option('-o, --output <format>', 'json or yaml')
  .action((options) =>
    withContext(
      options,
      async (context) => (await import('./schedules.ts')).schedules(context, options),
      options.file === undefined ? cliContext : offlineContext,
    ),
  );

for (const [action, description] of [
  ['run', 'fire a schedule now, beside its own times'],
  ['suspend', 'let a schedule rest: what passes meanwhile is not made up for'],
  ['resume', 'end the rest'],
] as const) {
  common(schedules.command(action))
    .description(description)
    .argument('<name>')
    .action((name, _options, command) =>
      withContext(command.optsWithGlobals(), async (context) =>
        (await import('./schedule-action.ts')).scheduleAction(context, { action, name }),
      ),
    );
}

program.commandsGroup('Access:');

const token = common(program.command('token'))
  .description('who may call the server, and as what; "token create --role viewer" makes one')
  .action((options) => withContext(options, async (context) => (await import('./get.ts')).get(context, { kind: 'accesstokens' })));

common(token.command('create'))
  .description('make a token; it is shown once')
  .argument('[name]', 'for people (default: one is made up)')
  .requiredOption('--role <role>', 'viewer, runner (starts and ends runs), approver (ends custom runs too) or admin')
  .option('--expires <time>', 'e.g. 90d or 12h (default: never)')
  .option('--description <text>', 'who has it and what for')
  .addHelpText('after', '\nWith --namespace it is good for that namespace alone.')
  .action((name, _options, command) => {
    const options = command.optsWithGlobals();
    return withContext(options, async (context) => (await import('./token.ts')).createToken(context, { ...options, name }));
  });

common(token.command('revoke'))
  .description('delete a token: it is refused from now on')
  .argument('<name>')
  .action((name, _options, command) =>
    withContext(command.optsWithGlobals(), async (context) => (await import('./token.ts')).revokeToken(context, name)),
  );

program.commandsGroup('Help:').helpCommand('help [command]', 'how to use a command');

program
  .command('completion')
  .description('print the script by which your shell completes tappet')
  .argument('<shell>', 'bash, zsh or fish')
  .addHelpText('after', '\nbash: source <(tappet completion bash)\nfish: tappet completion fish | source')
  .action(async (shell) => void process.stdout.write((await import('./completion.ts')).completion(program, shell)));

try {
  await program.parseAsync();
} catch (error) {
  if (stopped.signal.aborted) process.exitCode = INTERRUPTED;
  else await tell(error);
}

/** Expected errors are told in their own words; of anything else the stack is the best there is. */
async function tell(error: unknown): Promise<void> {
  const { KubeError } = await import('../kube/kube-client.ts');
  if (error instanceof CliError) writeNote(error.message);
  else if (error instanceof KubeError)
    writeNote(error.code === 401 || error.code === 403 ? `${error.message} (--token or TAPPET_TOKEN)` : error.message);
  else writeNote(`tappet itself failed; please report this:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.failed;
}
