import { describe, expect, it } from 'vitest';
import { mostBytes, type Resolution, type Resolver, type ResolverRequest } from '../../src/ports/resolver.ts';

/** A place with something in it, and questions about it by what becomes of them. */
export interface ResolverScene {
  readonly resolver: Resolver;
  readonly found: ResolverRequest;
  /** What is found, as text. */
  readonly text: string;
  /** A name that its source says where it is from: a part of the URI. */
  readonly source: string;
  readonly missing: ResolverRequest;
  /** Not what the resolver understands. */
  readonly wrong: ResolverRequest;
  /** Larger than anything; absent where nothing can be. */
  readonly tooLarge?: ResolverRequest | undefined;
  /** Of a server that says nothing, or not enough; absent where there is no server. */
  readonly hanging?: ResolverRequest | undefined;
  /** Of a server that is not there. */
  readonly unreachable?: ResolverRequest | undefined;
  /** Of an address nobody may call. */
  readonly metadata?: ResolverRequest | undefined;
  /** With credentials that are not right, and what must never be told. */
  readonly secret?: { readonly request: ResolverRequest; readonly text: string } | undefined;
  /** A question whose secret is for another host. */
  readonly foreignSecret?: ResolverRequest | undefined;
  /** Leads to the same for ever. */
  readonly pinned?: ResolverRequest | undefined;
  /** Files and connections that it holds. */
  leftovers(): number | Promise<number>;
}

type Feature = 'tooLarge' | 'hanging' | 'unreachable' | 'metadata' | 'secret' | 'foreignSecret' | 'pinned';

export interface ResolverUnderTest {
  open(): Promise<ResolverScene>;
  /** What there is none of, so that there is nothing to prove about it. */
  readonly lacks?: readonly Feature[] | undefined;
  /** Present: the whole is skipped, for this reason. */
  readonly unavailable?: string | undefined;
}

const never = (): AbortSignal => new AbortController().signal;

async function ask({ resolver }: ResolverScene, request: ResolverRequest): Promise<Resolution> {
  expect(resolver.check(request)).toBeUndefined();
  return resolver.resolve(request, never());
}

export function resolverContract(name: string, subject: ResolverUnderTest): void {
  const title = `resolver contract: ${name}${subject.unavailable === undefined ? '' : ` (skipped: ${subject.unavailable})`}`;
  describe.skipIf(subject.unavailable !== undefined)(title, () => {
    /** A rule about something that not every resolver has. */
    const where = (feature: Feature, rule: string, prove: (scene: ResolverScene, request: ResolverRequest) => Promise<void>) => {
      if (subject.lacks?.includes(feature)) return;
      it(rule, async () => {
        const scene = await subject.open();
        const given = scene[feature];
        if (given === undefined) throw new Error(`the scene has no ${feature} and does not say that it lacks it`);
        await prove(scene, 'request' in given ? given.request : given);
      });
    };

    it('says what it is and how much of it there may be at once', async () => {
      const { resolver, found } = await subject.open();
      expect(resolver.type).toMatch(/^[a-z]+$/);
      expect(resolver.title).not.toBe('');
      expect(resolver.concurrency).toBeGreaterThan(0);
      expect(resolver.timeoutMs(found)).toBeGreaterThan(0);
    });

    it('finds what is there, and says where and which; asked again it says the same', async () => {
      const scene = await subject.open();
      const answer = await ask(scene, scene.found);
      if (!answer.ok) throw new Error(answer.message);
      expect(new TextDecoder().decode(answer.data)).toBe(scene.text);
      expect(answer.refSource.uri).toContain(scene.source);
      const digests = Object.entries(answer.refSource.digest ?? {});
      expect(digests).toHaveLength(1);
      for (const [algorithm, digest] of digests)
        expect([algorithm, digest.length]).toEqual(algorithm === 'sha1' ? ['sha1', 40] : ['sha256', 64]);
      expect(await ask(scene, scene.found)).toEqual(answer);
      await expect.poll(() => scene.leftovers()).toBe(0);
    });

    it('says at once what is wrong with a question, the same each time, and asks nobody', async () => {
      const { resolver, wrong } = await subject.open();
      const told = resolver.check(wrong);
      expect(told).toMatch(/./);
      expect(resolver.check(wrong)).toBe(told);
      expect(resolver.check({ ...wrong, params: [] })).toMatch(/./);
    });

    it('takes params of any form', async () => {
      const { resolver, found } = await subject.open();
      const strange = found.params.flatMap(({ name: param }) => [
        { name: param, value: ['a', 'b'] },
        { name: param, value: { a: 'b' } },
        { name: param, value: '\u0000\n-x' },
        { name: '__proto__', value: 'x' },
      ]);
      for (const param of strange) {
        const request = { ...found, params: [...found.params.filter(({ name: other }) => other !== param.name), param] };
        const told = resolver.check(request);
        expect(told === undefined || typeof told === 'string').toBe(true);
        expect(['pinned', 'moving', 'local']).toContain(resolver.pinning(request));
      }
    });

    it('says that what is not there is not, for good', async () => {
      const scene = await subject.open();
      expect(await ask(scene, scene.missing)).toMatchObject({ ok: false, outlook: 'final', message: expect.stringMatching(/./) });
      await expect.poll(() => scene.leftovers()).toBe(0);
    });

    where('tooLarge', 'takes no more than it may', async (scene, request) => {
      expect(await ask(scene, request)).toMatchObject({
        ok: false,
        outlook: 'final',
        message: expect.stringContaining(String(mostBytes)),
      });
      await expect.poll(() => scene.leftovers()).toBe(0);
    });

    where('unreachable', 'says that a server which is not there is not, and may be later', async (scene, request) => {
      expect(await ask(scene, request)).toMatchObject({ ok: false, outlook: 'unsure', message: expect.stringMatching(/./) });
    });

    where('hanging', 'gives up soon after it is told to, and leaves nothing behind', async (scene, request) => {
      const stop = new AbortController();
      const answer = scene.resolver.resolve(request, stop.signal);
      await expect.poll(() => scene.leftovers()).toBeGreaterThan(0);
      stop.abort();
      expect(await answer).toMatchObject({ ok: false, outlook: 'slow' });
      await expect.poll(() => scene.leftovers()).toBe(0);
      expect(await scene.resolver.resolve(request, stop.signal)).toMatchObject({ ok: false, outlook: 'slow' });
    });

    where('metadata', 'calls no address that nobody may call, and says which setting would allow it', async (scene, request) => {
      const answer = await ask(scene, request);
      expect(answer).toMatchObject({ ok: false, outlook: 'final' });
      expect(answer.ok ? '' : answer.message).toMatch(
        /is not called: 169\.254\.169\.254 is an address of a cloud's metadata service; .*--allow-outbound/,
      );
    });

    where('secret', 'tells no secret', async (scene, request) => {
      const text = scene.secret?.text ?? '';
      const answer = await ask(scene, request);
      expect(answer).toMatchObject({ ok: false, outlook: 'final' });
      const told = JSON.stringify(answer);
      expect(told).not.toContain(text);
      expect(told).not.toContain(Buffer.from(`git:${text}`).toString('base64'));
      expect(told).not.toContain(Buffer.from(`user:${text}`).toString('base64'));
    });

    where('foreignSecret', 'sends no secret to a host it is not for', async (scene, request) => {
      expect(await ask(scene, request)).toMatchObject({
        ok: false,
        outlook: 'final',
        message: expect.stringContaining('is not sent to'),
      });
    });

    where('pinned', 'knows what is pinned', async (scene, request) => {
      expect(['moving', 'local']).toContain(scene.resolver.pinning(scene.found));
      expect(scene.resolver.pinning(request)).toBe('pinned');
      const answer = await ask(scene, request);
      expect(answer.ok && new TextDecoder().decode(answer.data)).toBe(scene.text);
    });
  });
}
