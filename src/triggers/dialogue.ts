import type { CompiledListener } from './compiled-listener.ts';
import type { SignatureCheck } from './interceptors/signature-check.ts';
import type { OpenEvent } from './open-event.ts';
import type { Outside } from './outside.ts';

/** How a sender is answered for whom "accepted" is not enough: a chat server shows people what it is answered. */
export interface Dialogue {
  /** Dialogues with the same id say the same. */
  readonly id: string;
  /** What an event must pass to be answered in this way; absent: nothing. */
  readonly signature?: SignatureCheck | undefined;
  /** What the sender says with this event; `undefined`: nothing to be answered in this way. */
  read(event: OpenEvent): Message | undefined;
}

export interface Message {
  /** The sender's own id of it, out of what it has signed. */
  readonly deliveryId?: string | undefined;
  /** It asks us something and is no event: this is the answer, and nothing of it is kept. */
  readonly answer?: Answer | undefined;
  /** The answer once the event is kept; absent: what every sender is answered. */
  readonly acknowledge?: ((receipt: Receipt) => Answer) | undefined;
  /** The dialogue's own trigger does not want it; another's may. */
  readonly declined?: boolean | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Upstream's members of an answer, by its names. */
export interface Receipt {
  readonly eventListener: string;
  readonly namespace: string;
  readonly eventListenerUID: string;
  readonly eventID: string;
}

/** The dialogues of a listener that the event may be answered by. */
export async function dialoguesWith(listener: CompiledListener, event: OpenEvent, outside: Outside): Promise<readonly Dialogue[]> {
  const open: Dialogue[] = [];
  for (const dialogue of listener.dialogues) {
    if (dialogue.signature === undefined || (await dialogue.signature.refuse(event, outside)) === undefined) open.push(dialogue);
  }
  return open;
}

/** What the sender says: as the first sees it whose trigger wants it, or else the first at all. */
export function readMessage(dialogues: readonly Dialogue[], event: OpenEvent): Message | undefined {
  let declined: Message | undefined;
  for (const dialogue of dialogues) {
    const message = dialogue.read(event);
    if (message !== undefined && message.declined !== true) return message;
    declined ??= message;
  }
  return declined;
}
