import type { Resolution, Resolver, ResolverRequest } from '../../src/ports/resolver.ts';
import { paramTexts } from '../../src/resources/param-texts.ts';

/** What the fake says of one name. */
export type FakeAnswer =
  /** Resources are written as JSON, which is YAML. */
  | { readonly resource: unknown; readonly digest?: string | undefined; readonly tag?: string | undefined }
  | { readonly missing: string }
  /** A server in trouble, that many times; afterwards the rest. */
  | { readonly trouble: number; readonly afterwards: FakeAnswer }
  /** No end; with `deaf` not even when it is told to stop. */
  | { readonly hangs: true; readonly deaf?: boolean | undefined };

export interface FakeResolver extends Resolver {
  /** Names asked for, in order. */
  readonly asked: readonly string[];
  /** Questions being worked on. */
  readonly open: number;
  answer(name: string, answer: FakeAnswer): void;
}

/** A resolver without a network: the param `name` is the question. `name@digest` is pinned. */
export function fakeResolver(type: string, answers: Readonly<Record<string, FakeAnswer>> = {}, more: Partial<Resolver> = {}): FakeResolver {
  const known = new Map(Object.entries(answers));
  const troubled = new Map<string, number>();
  const asked: string[] = [];
  let open = 0;
  const nameOf = ({ params }: ResolverRequest): string => paramTexts(params).get('name') ?? '';

  async function give(name: string, answer: FakeAnswer | undefined, signal: AbortSignal): Promise<Resolution> {
    if (answer === undefined) return { ok: false, outlook: 'final', message: `there is no ${name}` };
    if ('missing' in answer) return { ok: false, outlook: 'final', message: answer.missing };
    if ('resource' in answer) {
      const text = typeof answer.resource === 'string' ? answer.resource : JSON.stringify(answer.resource);
      const refSource = { uri: `fake:${name}`, digest: { sha256: answer.digest ?? 'd0' }, entryPoint: name };
      return { ok: true, data: new TextEncoder().encode(text), refSource, ...(answer.tag !== undefined && { tag: answer.tag }) };
    }
    if ('trouble' in answer) {
      const left = troubled.get(name) ?? answer.trouble;
      troubled.set(name, left - 1);
      if (left > 0) return { ok: false, outlook: 'unsure', message: 'the server is in trouble' };
      return give(name, answer.afterwards, signal);
    }
    return new Promise((settle) => {
      if (answer.deaf === true) return;
      const stop = (): void => settle({ ok: false, outlook: 'slow', message: 'context deadline exceeded' });
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }

  return {
    type,
    title: 'Fake',
    concurrency: 4,
    caching: { mode: undefined, ttlMs: undefined },
    check: (request) => (nameOf(request) === '' ? 'missing required fake resolver params: name' : undefined),
    pinning: (request) => (nameOf(request).includes('@') ? 'pinned' : 'moving'),
    timeoutMs: () => 60_000,
    async resolve(request, signal) {
      const name = nameOf(request);
      asked.push(name);
      open++;
      try {
        return await give(name, known.get(name), signal);
      } finally {
        open--;
      }
    },
    ...more,
    asked,
    get open() {
      return open;
    },
    answer: (name, answer) => void known.set(name, answer),
  };
}
