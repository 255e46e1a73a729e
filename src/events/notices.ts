import type { CreatedObject, TriggerVerdict } from '../triggers/verdict.ts';

/** What is told of an event, in upstream's words. */
export type NoticeKind = 'started' | 'successful' | 'failed' | 'done';

export interface Notice {
  readonly kind: NoticeKind;
  /** Plain JSON for CloudEvents. */
  readonly data: unknown;
  /** For people: the error, or what was created. */
  readonly message: string;
}

/** `dev.tekton.event.triggers.started.v1`: the type of a CloudEvent, and the reason of a Kubernetes Event. */
export function noticeType(kind: NoticeKind): string {
  return `dev.tekton.event.triggers.${kind}.v1`;
}

/** In order: it began; each trigger that created something or failed; it is done. A trigger that was filtered is not told of, as upstream. */
export function noticesOf(verdicts: readonly TriggerVerdict[]): readonly Notice[] {
  const count = (verdict: TriggerVerdict['verdict']) => verdicts.filter((one) => one.verdict === verdict).length;
  const done = { matched: count('matched'), failed: count('failed') };
  return [
    { kind: 'started', data: null, message: '' },
    ...verdicts.flatMap(noticeOf),
    { kind: 'done', data: done, message: `${done.matched} triggers fired, ${done.failed} failed` },
  ];
}

function noticeOf(verdict: TriggerVerdict): readonly Notice[] {
  const { trigger, namespace } = verdict;
  switch (verdict.verdict) {
    case 'matched':
      return [
        {
          kind: 'successful',
          data: { trigger, namespace, created: verdict.created },
          message: `trigger ${trigger} created ${verdict.created.map(shown).join(', ')}`,
        },
      ];
    case 'failed':
      return [
        {
          kind: 'failed',
          data: { trigger, namespace, stage: verdict.stage, error: verdict.error, created: verdict.created ?? [] },
          message: `trigger ${trigger}: ${verdict.error}`,
        },
      ];
    case 'filtered':
      return [];
  }
}

function shown({ kind, namespace, name }: CreatedObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
