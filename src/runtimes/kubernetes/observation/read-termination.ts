import { inflateRawSync } from 'node:zlib';

/** What a step's entrypoint wrote when it ended. */
export interface Termination {
  /** Milliseconds since the epoch: when its command was started, or when it was skipped. */
  readonly startedAt?: number | undefined;
  /** What `onError: continue` has forgiven; the container's own exit code is 0 then. */
  readonly exitCode?: number | undefined;
  /** `Skipped`, `TimeoutExceeded`, `Cancelled`. */
  readonly reason?: string | undefined;
  /** Why no process came to be, for people. Ours; upstream has it in the log only. */
  readonly message?: string | undefined;
  readonly taskResults: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, string>>;
  readonly artifacts?: string | undefined;
  readonly taskArtifacts?: string | undefined;
}

/** Upstream's entry types, pkg/result/result.go. */
const TASK_RESULT = 1;
const INTERNAL = 3;
const STEP_RESULT = 4;
const STEP_ARTIFACTS = 5;
const TASK_ARTIFACTS = 6;

const COMPRESSED = 'tknz:';
const MOST_BYTES = 128 * 1024;

/** `undefined` for what no entrypoint has written: a container that was killed with it, or never came to run it. A key that comes again wins. */
export function readTermination(text: string | undefined): Termination | undefined {
  const entries = text === undefined || text === '' ? undefined : parse(text);
  if (entries === undefined) return undefined;
  const ofType = new Map<number, Map<string, string>>();
  for (const entry of entries) {
    const { key, value, type } = entry;
    if (typeof key !== 'string' || typeof value !== 'string' || typeof type !== 'number') continue;
    const known = ofType.get(type) ?? new Map<string, string>();
    ofType.set(type, known.set(key, value));
  }
  const all = (type: number): ReadonlyMap<string, string> => ofType.get(type) ?? new Map();
  const internal = all(INTERNAL);
  const startedAt = Date.parse(internal.get('StartedAt') ?? '');
  const exitCode = Number.parseInt(internal.get('ExitCode') ?? '', 10);
  return {
    ...(!Number.isNaN(startedAt) && { startedAt }),
    ...(!Number.isNaN(exitCode) && { exitCode }),
    ...optional('reason', internal.get('Reason')),
    ...optional('message', internal.get('Message')),
    taskResults: Object.fromEntries(all(TASK_RESULT)),
    results: Object.fromEntries(all(STEP_RESULT)),
    ...optional('artifacts', lastOf(all(STEP_ARTIFACTS))),
    ...optional('taskArtifacts', lastOf(all(TASK_ARTIFACTS))),
  };
}

interface Entry {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly type?: unknown;
}

function parse(text: string): readonly Entry[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text.startsWith(COMPRESSED) ? inflate(text.slice(COMPRESSED.length)) : text);
    return Array.isArray(parsed) ? parsed.filter((entry): entry is Entry => typeof entry === 'object' && entry !== null) : undefined;
  } catch {
    // Kubernetes cuts what is too long, and containers write what they like.
    return undefined;
  }
}

function inflate(text: string): string {
  return inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_BYTES }).toString('utf8');
}

function lastOf(values: ReadonlyMap<string, string>): string | undefined {
  return [...values.values()].at(-1);
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}
