import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { KubeError } from '../kube/kube-client.ts';
import { plainManifest } from '../resources/trigger-test/plain-manifest.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { diffLines } from './diff-lines.ts';
import { editPayload } from './edit-payload.ts';
import { type EventEntry, eventText, findEvent, triedText } from './event.ts';
import { hang } from './fit.ts';
import { lineDiff } from './line-diff.ts';
import { outputFormat, render } from './output.ts';
import { cannotRead, type Manifest, readManifests } from './read-manifests.ts';
import { oneLine, type Terminal } from './terminal.ts';
import type { Verdict } from './verdict-lines.ts';
import { waitProcessed } from './wait-processed.ts';

export interface ReplayOptions {
  readonly id: string;
  /** `path=value`: changes to the payload. */
  readonly set?: readonly string[] | undefined;
  /** A file with the payload instead. */
  readonly payload?: string | undefined;
  /** `Name: value`; `Name:` takes it away. */
  readonly header?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
  /** Files and folders laid over the server's configuration. */
  readonly file?: readonly string[] | undefined;
  readonly wait: boolean;
  readonly output?: string | undefined;
}

interface Change {
  readonly trigger: string;
  readonly namespace: string;
  readonly was: string;
  readonly now: string;
  readonly differs?: keyof typeof OTHER | undefined;
}

interface Tried {
  readonly verdicts: readonly Verdict[];
  readonly changes: readonly Change[];
}

/** The same event once more: for real, or only to see what would come of it. */
export async function replay(context: CliContext, options: ReplayOptions): Promise<ExitCode> {
  const format = outputFormat(options.output);
  const dryRun = options.dryRun === true;
  if (options.file !== undefined && !dryRun)
    throw new CliError(exitCodes.usage, '-f is only for --dry-run: apply the files to replay an event with them');
  const entry = await findEvent(context, options.id);
  const manifests = options.file === undefined ? [] : await manifestsOf(options.file);
  const request = {
    ...(await payloadOf(context, entry, options)),
    ...headersOf(options.header),
    ...(dryRun ? { dryRun } : {}),
    ...(options.file === undefined ? {} : { configuration: manifests.map(({ object }) => object) }),
  };
  const answer = await context.client
    .act<Tried & { readonly eventId: string }>(entry.eventId, 'replay', request)
    .catch((error: unknown) => {
      throw located(error, manifests);
    });
  if (dryRun) {
    if (format === 'json' || format === 'yaml') context.print(render(answer, format));
    else context.print(dryRunText(context, entry, answer));
    return exitCodes.ok;
  }
  await tell(context, answer.eventId, options);
  return exitCodes.ok;
}

/** The page of an event that is on its way to its verdicts, or only its id. */
export async function tell(context: CliContext, id: string, options: Pick<ReplayOptions, 'wait' | 'output'>): Promise<void> {
  const format = outputFormat(options.output);
  const entry = options.wait ? await waitProcessed(context, id) : undefined;
  if (format === 'json' || format === 'yaml') context.print(render(entry ?? { eventId: id }, format));
  else context.print(entry === undefined ? `${id}\n` : eventText(context, entry, false));
}

async function payloadOf(
  { client }: CliContext,
  entry: EventEntry,
  { payload: file, set = [] }: ReplayOptions,
): Promise<{ readonly payload?: Record<string, unknown> }> {
  if (file === undefined && set.length === 0) return {};
  const text =
    file === undefined
      ? (await client.eventWithBody<{ readonly body?: string }>(entry.eventId)).body
      : await readFile(file, 'utf8').catch(cannotRead(file));
  const payload = objectIn(text);
  if (payload === undefined) {
    const what = file ?? 'the body of the event';
    throw new CliError(exitCodes.usage, `${what} is no JSON object${file === undefined ? ': --set has nothing to change' : ''}`);
  }
  for (const change of set) editPayload(payload, change);
  return { payload };
}

function objectIn(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function headersOf(given: readonly string[] | undefined): { readonly headers?: Record<string, unknown> } {
  if (given === undefined) return {};
  const headers = new Map<string, string[] | null>();
  for (const text of given) {
    const colon = text.indexOf(':');
    if (colon < 1) throw new CliError(exitCodes.usage, `--header wants "Name: value", or "Name:" to take it away; got "${text}"`);
    const name = text.slice(0, colon).trim();
    const value = text.slice(colon + 1).trim();
    headers.set(name, value === '' ? null : [...(headers.get(name) ?? []), value]);
  }
  return { headers: Object.fromEntries(headers) };
}

async function manifestsOf(files: readonly string[]): Promise<readonly Manifest[]> {
  const { manifests, errors } = await readManifests(files);
  if (errors.length > 0) throw new CliError(exitCodes.usage, errors.join('\n'));
  return manifests;
}

/** What the server found wrong with the objects it was given, with file and line. */
function located(error: unknown, manifests: readonly Manifest[]): unknown {
  if (!(error instanceof KubeError) || error.causes.length === 0) return error;
  const lines = error.causes.map(({ field, message }) => {
    const [, index = '', path = ''] = /^configuration\[(\d+)\]\.?(.*)$/.exec(field) ?? [];
    const manifest = manifests[Number(index)];
    return [manifest?.at(path) ?? field, ...(path === '' ? [] : [path]), message].map(oneLine).join(': ');
  });
  return new CliError(exitCodes.usage, lines.join('\n'), { cause: error });
}

function dryRunText(context: CliContext, entry: EventEntry, { verdicts, changes }: Tried): string {
  const { terminal } = context;
  const lines = changes.flatMap((change) => changeLines(terminal, change, entry.verdicts, verdicts));
  const heading =
    changes.length === 0 ? 'Nothing differs from the verdicts in the journal.' : 'What differs from the verdicts in the journal:';
  const compared = entry.state === 'processed' ? ['', ...hang('', heading, terminal.width), ...lines] : [];
  return `${triedText(context, 'A dry run: nothing was created, and the journal is as it was.', verdicts, false)}${compared.map((line) => `${line}\n`).join('')}`;
}

function changeLines(terminal: Terminal, change: Change, before: readonly Verdict[], after: readonly Verdict[]): string[] {
  const { trigger, was, now, differs } = change;
  const name = trigger === '' ? '(unnamed trigger)' : oneLine(trigger);
  if (was !== now) return hang(`  ${name}: `, `was ${was}, now ${now}`, terminal.width);
  const [old, fresh] = [before, after].map((verdicts) => yamlOf(verdicts.find((verdict) => isOf(verdict, change))));
  const diff = lineDiff(old ?? [], fresh ?? []);
  return [...hang(`  ${name}: `, `${now} as before, with ${OTHER[differs ?? 'error']}`, terminal.width), ...diffLines(terminal, diff, 4)];
}

const OTHER = { params: 'other params', manifests: 'other objects', error: 'another error' } as const;

function isOf(verdict: Verdict, { trigger, namespace }: Change): boolean {
  return verdict.trigger === trigger && verdict.namespace === namespace;
}

/** What is compared of a verdict, line by line. */
function yamlOf(verdict: Verdict | undefined): readonly string[] {
  if (verdict === undefined || verdict.verdict === 'filtered') return [];
  if (verdict.verdict === 'failed') return verdict.error.split('\n');
  const params = Object.fromEntries(verdict.params.map(({ name, value }) => [name, value]));
  const manifests = verdict.manifests.map((manifest) => plainManifest(manifest, verdict.namespace));
  return stringify({ params, manifests }, { lineWidth: 0 }).trimEnd().split('\n');
}
