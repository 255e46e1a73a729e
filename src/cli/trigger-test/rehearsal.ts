import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalHeader } from '../../expressions/jsonpath/canonical-header.ts';
import type { Rehearsal } from '../../main/rehearse-event.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { TriggerTest } from '../../resources/trigger-test/schema.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { setAt } from '../edit-payload.ts';
import { githubSample } from '../github-sample.ts';
import { cannotRead } from '../read-manifests.ts';
import { cannedHttp } from './canned-http.ts';
import { keyOf } from './load-configuration.ts';
import type { LoadedTest } from './load-tests.ts';
import { isFields } from './subset.ts';

/** A test runs at the same instant and under the same id whenever it runs, so that what it renders is always the same. */
const NOW = '2026-01-01T00:00:00Z';
const EVENT_ID = '00000000-0000-4000-8000-000000000001';

/** The event and the server of a test. */
export async function rehearsalOf(loaded: LoadedTest, configuration: readonly KubeObject[]): Promise<Rehearsal> {
  const { event = {}, namespace = 'default', http = [], now = NOW, reachable = 'loopback', secrets = {}, expect } = loaded.test.spec;
  return {
    objects: withSecrets(configuration, secrets, namespace),
    namespace,
    occasion: await occasionOf(loaded, event, namespace),
    eventId: event.id ?? EVENT_ID,
    http: cannedHttp(http),
    now: Date.parse(now),
    loopback: reachable === 'loopback',
    explain: Object.keys(expect.triggers ?? {}),
  };
}

async function occasionOf({ file, test }: LoadedTest, event: TestEvent, namespace: string): Promise<Rehearsal['occasion']> {
  const { listener = '', schedule } = test.spec;
  if (schedule !== undefined) return { kind: 'tick', schedule, body: (tick) => changed(file, event, tick.toString('utf8')) };
  return {
    kind: 'request',
    listener,
    method: 'POST',
    url: event.url ?? `/${namespace}/${listener}`,
    headers: headersOf(event),
    body: changed(file, event, await givenBody(file, event)),
    sign: event.unsigned === true ? 'no' : (event.signWith ?? 'auto'),
  };
}

type TestEvent = NonNullable<TriggerTest['spec']['event']>;

/** The body with the test's changes. */
function changed(file: string, event: TestEvent, given: unknown): Buffer {
  const changes = Object.entries(event.set ?? {});
  if (changes.length === 0) return typeof given === 'string' ? Buffer.from(given) : Buffer.from(JSON.stringify(given));
  const payload = typeof given === 'string' ? parse(given) : given;
  if (!isFields(payload)) throw new CliError(exitCodes.usage, `${file}: spec.event.set: the body is no JSON object`);
  const copy: Record<string, unknown> = structuredClone(payload);
  for (const [path, value] of changes) setAt(copy, path, value);
  return Buffer.from(JSON.stringify(copy));
}

async function givenBody(file: string, { body, bodyFile, github }: TestEvent): Promise<unknown> {
  if (github !== undefined) return await githubSample(github);
  if (bodyFile === undefined) return body === undefined ? {} : body;
  const path = join(dirname(file), bodyFile);
  return await readFile(path, 'utf8').catch(cannotRead(path));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headersOf({ github, headers = {} }: TestEvent): Record<string, readonly string[]> {
  const all = new Map<string, readonly string[]>([['Content-Type', ['application/json']]]);
  if (github !== undefined) {
    all.set('User-Agent', ['GitHub-Hookshot/tappet']);
    all.set('X-Github-Event', [github.split('.')[0] ?? github]);
    all.set('X-Github-Delivery', [EVENT_ID]);
  }
  for (const [name, value] of Object.entries(headers)) all.set(canonicalHeader(name), typeof value === 'string' ? [value] : value);
  return Object.fromEntries(all);
}

function withSecrets(
  configuration: readonly KubeObject[],
  secrets: NonNullable<TriggerTest['spec']['secrets']>,
  namespace: string,
): readonly KubeObject[] {
  const given = Object.entries(secrets).map(([key, data]): KubeObject => {
    const [name = '', space = namespace] = key.split('/').reverse();
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: space }, type: 'Opaque', stringData: data };
  });
  const keys = new Set(given.map(keyOf));
  return [...configuration.filter((object) => !keys.has(keyOf(object))), ...given];
}
