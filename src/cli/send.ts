import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { field } from './columns.ts';
import type { CliContext } from './context.ts';
import { editPayload } from './edit-payload.ts';
import { githubSample } from './github-sample.ts';
import { cannotRead } from './read-manifests.ts';
import { oneLine } from './terminal.ts';

export interface SendOptions {
  /** `pull_request.opened`, `push`: an event of GitHub's with or without its action. */
  readonly event: string;
  /** Name of the EventListener. */
  readonly listener: string;
  /** Signs the body; read from the environment or a file so that it does not show in `ps`. */
  readonly secret?: string | undefined;
  /** `path=value`: changes to the payload; the value is JSON, or else text. */
  readonly set?: readonly string[] | undefined;
  /** Sends this file's JSON instead of GitHub's sample. */
  readonly body?: string | undefined;
  readonly deliveryId?: string | undefined;
}

/** Sends one signed sample event to a listener, as GitHub would, and prints the event's id. */
export async function send(context: CliContext, options: SendOptions): Promise<ExitCode> {
  const payload =
    options.body === undefined
      ? await githubSample(options.event)
      : parseJson(options.body, await readFile(options.body, 'utf8').catch(cannotRead(options.body)));
  for (const change of options.set ?? []) editPayload(payload, change);
  const body = Buffer.from(JSON.stringify(payload));
  const url = `${ingressOf(context)}/${encodeURIComponent(context.namespace)}/${encodeURIComponent(options.listener)}`;
  const response = await fetch(url, { method: 'POST', headers: headersOf(options, body), body }).catch((error: Error) => {
    throw new CliError(
      exitCodes.unavailable,
      `cannot reach ${url}: ${error.cause instanceof Error ? error.cause.message : error.message}`,
      { cause: error },
    );
  });
  const text = await response.text();
  if (!response.ok) throw new CliError(exitCodes.failed, refusal(url, response.status, text, options));
  const id = field(JSON.parse(text), 'eventID');
  context.print(`${String(id)}\n`);
  context.note('accepted; "tappet event ID" tells what came of it');
  return exitCodes.ok;
}

function refusal(url: string, status: number, text: string, { secret, listener }: SendOptions): string {
  const said = `${url} answered ${status}: ${oneLine(messageIn(text))}`;
  if (status === 401)
    return `${said}; ${secret === undefined ? 'give --secret' : 'is --secret the one that the listener names?'} ("tappet describe eventlistener ${listener}" tells which)`;
  return status === 404 ? `${said}; "tappet get eventlisteners -A" lists what is there` : said;
}

function messageIn(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    const message = field(answer, 'errorMessage') ?? field(answer, 'message') ?? field(answer, 'error');
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}

function ingressOf({ client }: CliContext): string {
  if (client.ingress !== '') return client.ingress;
  throw new CliError(
    exitCodes.usage,
    'the address of the webhook listener is not known with --server or --context; run this on the machine of the server, or use curl',
  );
}

/** GitHub's headers for one delivery of `body`. */
function headersOf(options: SendOptions, body: Buffer): Record<string, string> {
  const event = options.event.split('.')[0] ?? options.event;
  return {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/tappet',
    'x-github-event': event,
    'x-github-delivery': options.deliveryId ?? randomUUID(),
    ...(options.secret === undefined
      ? {}
      : { 'x-hub-signature-256': `sha256=${createHmac('sha256', options.secret).update(body).digest('hex')}` }),
  };
}

function parseJson(file: string, text: string): Record<string, unknown> {
  try {
    const payload: unknown = JSON.parse(text);
    if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload as Record<string, unknown>;
  } catch (error) {
    throw new CliError(exitCodes.usage, `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new CliError(exitCodes.usage, `${file}: expected a JSON object, as GitHub sends them`);
}
