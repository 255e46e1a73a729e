import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Backoff, mostBytes, type Resolution, type Resolver, type ResolverRequest } from '../ports/resolver.ts';
import type { Store } from '../ports/store.ts';
import { formatDuration } from '../resources/duration.ts';
import type { Condition, Stored } from '../resources/object.ts';
import { resolverTypeLabel } from '../resources/resolution-request/new-request.ts';
import type { ResolutionRequest, ResolutionRequestStatus } from '../resources/resolution-request/schema.ts';
import { timestamp } from '../resources/timestamp.ts';
import { writeStatus } from './apply.ts';
import type { Informer } from './informer.ts';
import { isDone } from './is-done.ts';
import { cacheModeError, type ResolutionCache } from './resolution-cache.ts';
import { type TagWatch, tagAnnotation } from './tag-watch.ts';
import { messageOf, WorkQueue } from './work-queue.ts';

export interface ResolutionControllerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requests: Informer<ResolutionRequest>;
  /** By type. Requests for others wait for a program of the user's to answer them. */
  readonly resolvers: ReadonlyMap<string, Resolver>;
  readonly cache: ResolutionCache;
  readonly tags: TagWatch;
  /** How long one request may take, all its attempts together. Milliseconds. */
  readonly timeoutMs: number;
  /** Refuses what may lead elsewhere tomorrow. */
  readonly requirePinned: boolean;
  /** What is wrong with fetched bytes, if they are no definition. */
  readonly notADefinition: (data: Uint8Array) => string | undefined;
}

/** What this life of the server knows of a request. */
interface Progress {
  /** When its turn came first: time it spent waiting for its turn, or for a server that was down, is not its fault. */
  readonly since: number;
  attempts: number;
  abort: AbortController | undefined;
  lastError: string | undefined;
}

const SLOW_PAUSE_MS = 1_000;
const others = '';

/**
 * Answers ResolutionRequests: one queue a resolver, so that one that hangs holds up its own kind at most, and that only until its time is up.
 * A request that a killed server left open is taken up again; asking twice does no harm. What nobody here resolves waits for its answer until
 * the time is up. Follows tektoncd/pipeline pkg/reconciler/resolutionrequest and pkg/remoteresolution/resolver/framework.
 */
export class ResolutionController {
  readonly #options: ResolutionControllerOptions;
  readonly #queues: ReadonlyMap<string, WorkQueue>;
  readonly #progress = new Map<string, Progress>();

  constructor(options: ResolutionControllerOptions) {
    this.#options = options;
    const { clock, logger, resolvers } = options;
    const queue = (type: string, concurrency: number): [string, WorkQueue] => [
      type,
      new WorkQueue({ clock, logger: logger.child({ resolver: type }), concurrency, reconcile: (key) => this.#reconcile(key) }),
    ];
    this.#queues = new Map([...[...resolvers.values()].map(({ type, concurrency }) => queue(type, concurrency)), queue(others, 16)]);
  }

  /** The informer's listener. */
  onRequest(now: Stored<ResolutionRequest> | undefined, before: Stored<ResolutionRequest> | undefined, key: string): void {
    if (now === undefined || isDone(now)) {
      for (const queue of this.#queues.values()) queue.forget(key);
      this.#progress.get(key)?.abort?.abort();
      this.#progress.delete(key);
      if (now !== undefined) this.#options.tags.remember(now);
      return;
    }
    // Another program's word is news; our own conditions are none.
    if (before === undefined || dataOf(now) !== dataOf(before)) this.#queueOf(now).add(key);
  }

  /** Call once, when all is listed. */
  begin(): void {
    for (const queue of this.#queues.values()) queue.begin();
  }

  /** Requests waiting for their turn or being worked on. */
  get depth(): number {
    return [...this.#queues.values()].reduce((sum, { depth }) => sum + depth, 0);
  }

  async close(): Promise<void> {
    for (const { abort } of this.#progress.values()) abort?.abort();
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queueOf({ metadata }: Stored<ResolutionRequest>): WorkQueue {
    const queue = this.#queues.get(metadata.labels?.[resolverTypeLabel] ?? others) ?? this.#queues.get(others);
    if (queue === undefined) throw new Error('there is a queue for all others');
    return queue;
  }

  async #reconcile(key: string): Promise<void> {
    const { requests, clock, resolvers, timeoutMs } = this.#options;
    const request = requests.get(key);
    if (request === undefined || isDone(request) || request.metadata.deletionTimestamp !== undefined) return;
    if (dataOf(request) !== '') return this.#conclude(request, { type: 'Succeeded', status: 'True' }, {});

    const progress = this.#progressOf(key);
    const deadline = progress.since + timeoutMs;
    if (clock.now() >= deadline) return this.#giveUp(request, progress);
    const resolver = resolvers.get(request.metadata.labels?.[resolverTypeLabel] ?? others);
    if (resolver === undefined) return this.#queueOf(request).addAt(key, deadline);

    const question = questionOf(request);
    const wrong = cacheModeError(question) ?? resolver.check(question) ?? this.#unpinned(resolver, question);
    if (wrong !== undefined) return this.#fail(request, 'ResolutionFailed', `invalid resource request "${key}": ${wrong}`);

    progress.attempts++;
    const answer = await this.#attempt(resolver, question, progress, deadline);
    // Gone, or answered by somebody else meanwhile.
    if (this.#progress.get(key) !== progress) return;
    progress.abort = undefined;
    if (answer.ok) return this.#succeed(request, resolver, answer);

    progress.lastError = answer.message;
    if (answer.outlook !== 'final' && clock.now() >= deadline) return this.#giveUp(request, progress);
    const again = nextAttempt(answer.outlook, progress.attempts, resolver.backoff, clock.now());
    if (again === undefined)
      return this.#fail(request, 'ResolutionFailed', `error getting "${resolver.title}" "${key}": ${answer.message}`);
    this.#queueOf(request).addAt(key, Math.min(again, deadline));
  }

  /** One attempt with its own time; a resolver that does not heed its signal is not waited for. */
  async #attempt(resolver: Resolver, question: ResolverRequest, progress: Progress, deadline: number): Promise<Resolution> {
    const { clock, cache } = this.#options;
    const abort = new AbortController();
    progress.abort = abort;
    const cancel = clock.at(Math.min(clock.now() + resolver.timeoutMs(question), deadline), () => abort.abort());
    const expired = new Promise<Resolution>((settle) => {
      abort.signal.addEventListener('abort', () => settle({ ok: false, outlook: 'slow', message: 'context deadline exceeded' }));
    });
    try {
      return await Promise.race([cache.resolve(resolver, question, abort.signal), expired]);
    } catch (error) {
      this.#options.logger.error('a resolver broke its contract', { resolver: resolver.type, error: messageOf(error) });
      return { ok: false, outlook: 'final', message: messageOf(error) };
    } finally {
      cancel();
    }
  }

  async #succeed(
    request: Stored<ResolutionRequest>,
    resolver: Resolver,
    answer: Extract<Resolution, { readonly ok: true }>,
  ): Promise<void> {
    const { namespace = '', name } = request.metadata;
    const refuse = (why: string): Promise<void> =>
      this.#fail(request, 'ResolutionFailed', `error getting "${resolver.title}" "${namespace}/${name}": ${why}`);
    if (answer.data.byteLength > mostBytes) return refuse(`what was fetched is larger than ${mostBytes} bytes`);
    const wrong = this.#options.notADefinition(answer.data);
    if (wrong !== undefined) return refuse(`resolved resource validation error: ${wrong}`);
    const { refSource } = answer;
    const tag = answer.tag === undefined ? undefined : `${resolver.type} ${answer.tag}`;
    const annotations = { ...answer.annotations, ...(tag !== undefined && { [tagAnnotation]: tag }) };
    const before = this.#options.tags.before(request, tag, refSource);
    const status = {
      ...(Object.keys(annotations).length > 0 && { annotations }),
      data: toBase64(answer.data),
      refSource,
      source: refSource,
    };
    await this.#conclude(request, { type: 'Succeeded', status: 'True' }, status);
    if (tag !== undefined && before !== undefined) await this.#options.tags.tell(request, tag, before, refSource);
  }

  #giveUp(request: Stored<ResolutionRequest>, { lastError }: Progress): Promise<void> {
    const why = lastError === undefined || lastError === 'context deadline exceeded' ? '' : `; the last attempt: ${lastError}`;
    const timeout = formatDuration(this.#options.timeoutMs);
    return this.#fail(request, 'ResolutionTimedOut', `resolution took longer than global timeout of ${timeout}${why}`);
  }

  #fail(request: Stored<ResolutionRequest>, reason: string, message: string): Promise<void> {
    return this.#conclude(request, { type: 'Succeeded', status: 'False', reason, message }, {});
  }

  async #conclude(request: Stored<ResolutionRequest>, condition: Condition, more: ResolutionRequestStatus): Promise<void> {
    const { store, clock, requests } = this.#options;
    const conditions = [{ ...condition, lastTransitionTime: timestamp(clock.now()) }];
    const written = await writeStatus(store, request, { ...request.status, ...more, conditions });
    if (written !== undefined) requests.learn(written);
  }

  #unpinned(resolver: Resolver, question: ResolverRequest): string | undefined {
    if (!this.#options.requirePinned || resolver.pinning(question) !== 'moving') return undefined;
    return 'this server takes references by digest only (setting resolvers.requirePinned): name a full commit, an image digest or a content digest';
  }

  #progressOf(key: string): Progress {
    const known = this.#progress.get(key);
    if (known !== undefined) return known;
    const progress: Progress = { since: this.#options.clock.now(), attempts: 0, abort: undefined, lastError: undefined };
    this.#progress.set(key, progress);
    return progress;
  }
}

function nextAttempt(
  outlook: 'final' | 'unsure' | 'slow',
  attempts: number,
  backoff: Backoff | undefined,
  now: number,
): number | undefined {
  switch (outlook) {
    case 'final':
      return undefined;
    case 'slow':
      // Upstream asks again until the time for all attempts is up.
      return now + SLOW_PAUSE_MS;
    case 'unsure':
      if (backoff === undefined || attempts >= backoff.steps) return undefined;
      return now + Math.min(backoff.capMs, backoff.durationMs * backoff.factor ** (attempts - 1));
  }
}

function questionOf({ metadata, spec }: Stored<ResolutionRequest>): ResolverRequest {
  return { namespace: metadata.namespace ?? '', params: spec.params ?? [], ...(spec.url !== undefined && { url: spec.url }) };
}

/** Of somebody else's writing: it may be anything. */
function dataOf({ status }: Stored<ResolutionRequest>): string {
  return typeof status?.data === 'string' ? status.data : '';
}

function toBase64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}
