import type { Clock } from '../ports/clock.ts';
import type { Resolution, Resolver, ResolverRequest } from '../ports/resolver.ts';
import { timestamp } from '../resources/timestamp.ts';

export interface ResolutionCacheOptions {
  readonly clock: Clock;
  /** Answers kept. */
  readonly maxSize: number;
  readonly ttlMs: number;
  /** Bytes of all answers kept. */
  readonly mostBytes?: number | undefined;
}

type Found = Extract<Resolution, { readonly ok: true }>;

interface Entry {
  readonly answer: Found;
  readonly until: number;
}

interface Flight {
  readonly answer: Promise<Resolution>;
  readonly abort: AbortController;
  waiting: number;
}

const cacheModes = ['always', 'never', 'auto'];
const MOST_BYTES = 32 * 1024 * 1024;
const leftAlone: Resolution = { ok: false, outlook: 'slow', message: 'context deadline exceeded' };

/** What is wrong with the param `cache`, in upstream's words. */
export function cacheModeError({ params }: ResolverRequest): string | undefined {
  const mode = modeParam(params);
  if (mode === '' || cacheModes.includes(mode)) return undefined;
  return `invalid cache mode '${mode}', must be one of: [${cacheModes.join(' ')}] (or empty for default)`;
}

function modeParam(params: ResolverRequest['params']): string {
  const value = params.find(({ name }) => name === 'cache')?.value;
  return typeof value === 'string' ? value : '';
}

/**
 * Keeps answers that hold for ever, and makes one of the same question asked at the same time. Whether an answer is kept the question says
 * (`cache`), else the resolver's settings, else whether it is pinned. Unlike upstream's, an answer is kept for its namespace alone: another
 * namespace may not have the secret it was fetched with. Follows tektoncd/pipeline pkg/remoteresolution/resolver/framework/cache.
 */
export class ResolutionCache {
  readonly #options: ResolutionCacheOptions;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();
  #bytes = 0;

  constructor(options: ResolutionCacheOptions) {
    this.#options = options;
  }

  async resolve(resolver: Resolver, request: ResolverRequest, signal: AbortSignal): Promise<Resolution> {
    const { caching } = resolver;
    const mode = modeParam(request.params) || caching?.mode || 'auto';
    if (caching === undefined || mode === 'never') return resolver.resolve(request, signal);
    const key = keyOf(resolver.type, request);
    const keeps = mode === 'always' || resolver.pinning(request) === 'pinned';
    const known = keeps ? this.#take(key) : undefined;
    if (known !== undefined) return this.#marked(known, resolver.type, 'retrieve');
    const answer = await this.#share(key, (shared) => resolver.resolve(request, shared), signal);
    if (!keeps || !answer.ok) return answer;
    this.#keep(key, answer, caching.ttlMs ?? this.#options.ttlMs);
    return this.#marked(answer, resolver.type, 'store');
  }

  /** One fetch for all who ask the same while it is under way; it is given up when the last of them is. */
  async #share(key: string, fetch: (signal: AbortSignal) => Promise<Resolution>, signal: AbortSignal): Promise<Resolution> {
    const flight = this.#flights.get(key) ?? this.#depart(key, fetch);
    flight.waiting++;
    let leave = (): void => {};
    const left = new Promise<Resolution>((settle) => {
      leave = () => settle(leftAlone);
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
    });
    try {
      return await Promise.race([flight.answer, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (--flight.waiting === 0) {
        this.#forget(key, flight);
        flight.abort.abort();
      }
    }
  }

  #depart(key: string, fetch: (signal: AbortSignal) => Promise<Resolution>): Flight {
    const abort = new AbortController();
    const flight: Flight = { answer: fetch(abort.signal), abort, waiting: 0 };
    this.#flights.set(key, flight);
    const land = (): void => this.#forget(key, flight);
    flight.answer.then(land, land);
    return flight;
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  #take(key: string): Found | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#drop(key, entry);
    if (entry.until <= this.#options.clock.now()) return undefined;
    this.#put(key, entry);
    return entry.answer;
  }

  #keep(key: string, answer: Found, ttlMs: number): void {
    const { clock, maxSize, mostBytes = MOST_BYTES } = this.#options;
    const known = this.#entries.get(key);
    if (known !== undefined) this.#drop(key, known);
    this.#put(key, { answer, until: clock.now() + ttlMs });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= maxSize && this.#bytes <= mostBytes) return;
      this.#drop(oldest, entry);
    }
  }

  #put(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.answer.data.byteLength;
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= entry.answer.data.byteLength;
  }

  #marked(answer: Found, type: string, operation: 'store' | 'retrieve'): Found {
    const annotations = {
      ...answer.annotations,
      'resolution.tekton.dev/cached': 'true',
      'resolution.tekton.dev/cache-timestamp': timestamp(this.#options.clock.now()),
      'resolution.tekton.dev/cache-resolver-type': type,
      'resolution.tekton.dev/cache-operation': operation,
    };
    return { ...answer, annotations };
  }
}

function keyOf(type: string, { namespace, params, url }: ResolverRequest): string {
  const asked = params.filter(({ name }) => name !== 'cache').map(({ name, value }) => [name, value]);
  return JSON.stringify([type, namespace, url ?? '', asked.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))]);
}
