import type { Param } from '../resources/params.ts';
import type { RefSource } from '../resources/status.ts';

/** One question, as a ResolutionRequest holds it. Whatever is in it was written by users, or by whoever sent them an event. */
export interface ResolverRequest {
  /** Of the run that asks. Secrets and service accounts that params name are this namespace's, and no other's. */
  readonly namespace: string;
  readonly params: readonly Param[];
  /** Of the concise syntax. */
  readonly url?: string | undefined;
}

export type Resolution =
  | {
      readonly ok: true;
      readonly data: Uint8Array;
      /** The digest is of what was fetched, or of what holds it (a commit, a manifest), never of how it was asked for. */
      readonly refSource: RefSource;
      readonly annotations?: Readonly<Record<string, string>> | undefined;
      /** A name that is meant to lead to the same thing for ever: a git tag, the tag of an image, the version of a package. */
      readonly tag?: string | undefined;
    }
  | {
      readonly ok: false;
      /** What and why, for people, in upstream's words where it has any; no credentials in it. */
      readonly message: string;
      /** `final`: asked again it says the same. `unsure`: a server or a network was in trouble. `slow`: time ran out. */
      readonly outlook: 'final' | 'unsure' | 'slow';
    };

/** Pauses between attempts whose outlook is `unsure`. */
export interface Backoff {
  readonly durationMs: number;
  readonly factor: number;
  /** Attempts in all. */
  readonly steps: number;
  readonly capMs: number;
}

/**
 * Fetches definitions from one kind of place.
 *
 * - `check` says what is wrong with a question without asking anybody; `undefined` when nothing is. `resolve` may rely on its having been asked.
 * - `resolve` never rejects for anything users, servers or networks do. It ends soon after `signal` does, answers `slow` then, and leaves nothing
 *   behind: no process, no file, no connection. It reads, and changes nothing, so that asking twice does no harm.
 * - Whatever it calls, it calls within the server's outbound policy. A secret goes to the host of the question only, and to none when it
 *   says that it is for others.
 * - It takes no more than `mostBytes` of what it fetches, and no more memory or disk than a small multiple of that while it does.
 * - `pinning`: whether a question leads to the same thing for ever. `local`: what it leads to is in this server's own store.
 */
export interface Resolver {
  /** What references call it: `git`. */
  readonly type: string;
  /** What upstream's messages call it: `Git`. */
  readonly title: string;
  /** How many questions it works on at once. */
  readonly concurrency: number;
  /** Absent: an attempt in trouble is the last. */
  readonly backoff?: Backoff | undefined;
  /** Absent: answers are not kept. `mode`: `always`, `never`, `auto`; the last keeps what is pinned. */
  readonly caching?: { readonly mode: string | undefined; readonly ttlMs: number | undefined } | undefined;
  check(request: ResolverRequest): string | undefined;
  pinning(request: ResolverRequest): 'pinned' | 'moving' | 'local';
  /** Of one attempt. Milliseconds. */
  timeoutMs(request: ResolverRequest): number;
  resolve(request: ResolverRequest, signal: AbortSignal): Promise<Resolution>;
}

/** As much as one definition may be: what upstream's objects hold, base64 and all. */
export const mostBytes = 1024 * 1024;
