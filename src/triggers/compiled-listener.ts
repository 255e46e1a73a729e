import type { CompiledBinding } from './bindings.ts';
import type { Chain } from './chain.ts';
import type { Dialogue } from './dialogue.ts';
import type { Condition } from './interceptors/interceptor.ts';
import type { SignatureCheck } from './interceptors/signature-check.ts';
import type { CompiledTemplate } from './template.ts';
import type { TriggerIndex } from './trigger-index.ts';

/** A listener with everything it leads to, made ready once per change of any of it. */
export interface CompiledListener {
  readonly name: string;
  readonly namespace: string;
  /** In the order in which they are judged: selected ones, those of groups, then those listed. */
  readonly triggers: readonly CompiledTrigger[];
  readonly index: TriggerIndex;
  /**
   * Every trigger that could fire verifies a signature, and there is one: an event that satisfies none of `signatures` may be answered 401
   * before anything of it is kept.
   */
  readonly authenticates: boolean;
  /** Each check once, however many triggers share it. */
  readonly signatures: readonly SignatureCheck[];
  /** Some trigger tells friend from foe, by a signature or otherwise. */
  readonly guarded: boolean;
  /** Each once: how senders are answered for whom the usual answer is not enough. */
  readonly dialogues: readonly Dialogue[];
  /** Canonical names of headers that hold a secret as it is, besides those known to everybody. */
  readonly secretHeaders: readonly string[];
  /** Complete sentences about what keeps triggers from ever firing. */
  readonly defects: readonly string[];
  /** Complete sentences about what is configured but has no effect, or looks wrong. */
  readonly warnings: readonly string[];
}

export interface CompiledTrigger {
  /** What goes into the label; may be empty. */
  readonly name: string;
  readonly namespace: string;
  readonly listener: string;
  /** Names this trigger among those of all listeners, also after a restart; part of the names of what it creates. */
  readonly key: string;
  /** Runs once an event for all triggers of the group, before `chain`. */
  readonly group?: TriggerGroupChain | undefined;
  readonly chain: Chain;
  /** Where an event breaks one of these, it is not for this trigger. */
  readonly conditions: readonly Condition[];
  readonly action: TriggerAction;
  /** The service account in whose name a cluster creates what it asks for, `namespace/name`. */
  readonly account: string;
}

export interface TriggerGroupChain {
  /** Tells it from the listener's other groups. */
  readonly key: string;
  readonly chain: Chain;
}

export type TriggerAction =
  | { readonly ok: true; readonly bindings: readonly CompiledBinding[]; readonly template: CompiledTemplate }
  /** Something it refers to is missing or malformed. It fails for every event that reaches it, and disturbs no other trigger. */
  | { readonly ok: false; readonly error: string };
