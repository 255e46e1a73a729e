import type { Answer, Dialogue, Message, Receipt } from '../dialogue.ts';
import type { SignatureCheck } from './signature-check.ts';
import { type JsonObject, readSlackRequest, type SlackRequest } from './slack-request.ts';

export interface SlackDialogueOptions {
  readonly signature: SignatureCheck | undefined;
  /** The slash commands the trigger wants; absent: all. */
  readonly commands: readonly string[] | undefined;
  /** What the user is shown; absent: a sentence of ours; empty: nothing. */
  readonly acknowledgement: string | undefined;
}

/** Of an event's id as much as people need to find it. */
const SHOWN_ID = 8;

/**
 * Slack shows the user of a slash command what it is answered within three seconds, and asks of an app's address that it repeats a challenge.
 * Without a signature only commands are answered, which takes nothing on trust.
 */
export function slackDialogue(options: SlackDialogueOptions): Dialogue {
  const { signature, commands, acknowledgement } = options;
  return {
    id: JSON.stringify(['slack', signature?.id, commands, acknowledgement]),
    signature,
    read(event) {
      const request = readSlackRequest(event);
      const command = readCommand(request, options);
      if (signature === undefined) return command;
      return readQuestion(request) ?? (command && { ...command, deliveryId: deliveryIdOf(request) }) ?? readOther(request);
    },
  };
}

/** What is asked of an app's address itself, when it is configured and now and then. */
function readQuestion(request: SlackRequest): Message | undefined {
  if (request.kind === 'json') {
    const challenge = textAt(request.body, 'challenge');
    return textAt(request.body, 'type') === 'url_verification' && challenge !== undefined ? { answer: plain(challenge) } : undefined;
  }
  return request.kind === 'form' && request.form.get('ssl_check')?.[0] === '1' ? { answer: plain('') } : undefined;
}

function readCommand(request: SlackRequest, { commands, acknowledgement }: SlackDialogueOptions): Message | undefined {
  if (request.kind !== 'form' || request.command === undefined) return undefined;
  const { command } = request;
  if (commands !== undefined && !commands.includes(command)) {
    return { declined: true, acknowledge: (receipt) => ephemeral(receipt, `${shown(command)} is not taken here`) };
  }
  if (acknowledgement === '') return { acknowledge: () => plain('') };
  return {
    acknowledge: (receipt) =>
      ephemeral(receipt, acknowledgement ?? `${shown(command)} received: event ${receipt.eventID.slice(0, SHOWN_ID)}`),
  };
}

/** Interactions want 200 and nothing with it (a body would be taken for an update of the dialog); the Events API is content with any 2xx. */
function readOther(request: SlackRequest): Message | undefined {
  const deliveryId = deliveryIdOf(request);
  if (request.kind === 'form' && request.payload !== undefined) return { deliveryId, acknowledge: () => plain('') };
  return deliveryId === undefined ? undefined : { deliveryId };
}

/** The same in every attempt: `event_id` of an event, `trigger_id` of what a user did. */
function deliveryIdOf(request: SlackRequest): string | undefined {
  switch (request.kind) {
    case 'json':
      return textAt(request.body, 'event_id');
    case 'form':
      return request.form.get('trigger_id')?.[0] || textAt(request.payload ?? {}, 'trigger_id');
    case 'neither':
      return undefined;
  }
}

/** A text that is there and not empty. */
function textAt(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function shown(command: string): string {
  return command.slice(0, 100);
}

function plain(body: string): Answer {
  return { status: 200, contentType: 'text/plain; charset=utf-8', body };
}

/** Upstream's members stay for those who read them; Slack reads the others, and shows the text to nobody but the command's user. */
function ephemeral(receipt: Receipt, message: string): Answer {
  const body = `${JSON.stringify({ ...receipt, response_type: 'ephemeral', text: message })}\n`;
  return { status: 200, contentType: 'application/json', body };
}
