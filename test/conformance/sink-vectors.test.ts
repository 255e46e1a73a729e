import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/resources/object.ts';
import { type EventServer, startEventServer } from '../support/event-server.ts';
import { vectorsPath } from './trigger-vectors.ts';

/** What upstream's sink answered to these requests, with one trigger that creates a TaskRun (the vectors' `http.note`). */

interface SinkVector {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly contentType: string;
  readonly status: number;
  readonly responseBody: string;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly resourcesCreated: number;
}

const vectors: readonly SinkVector[] = existsSync(vectorsPath) ? JSON.parse(readFileSync(vectorsPath, 'utf8')).http.cases : [];

/** Upstream takes any method for an event; a browser's GET should not start a pipeline (reference/triggers.md B.12). */
const isOtherMethod = ({ method, path }: SinkVector): boolean => method !== 'POST' && path !== '/live';

const objects: readonly KubeObject[] = [
  {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: { name: 'el', namespace: 'foo' },
    spec: {
      triggers: [
        {
          name: 'tr',
          bindings: [
            { name: 'url', value: '$(body.repository.url)', kind: 'TriggerBinding' },
            { name: 'revision', value: '$(body.head_commit.id)', kind: 'TriggerBinding' },
          ],
          template: {
            spec: {
              params: [{ name: 'url' }, { name: 'revision' }],
              resourcetemplates: [
                {
                  apiVersion: 'tekton.dev/v1',
                  kind: 'TaskRun',
                  metadata: { generateName: 'tr-' },
                  spec: { taskRef: { name: 'build' }, params: [{ name: 'url', value: '$(tt.params.url)$(tt.params.revision)' }] },
                },
              ],
            },
          },
        },
      ],
    },
  },
];

describe.skipIf(vectors.length === 0)(`the sink's vectors (${vectors.length === 0 ? `no ${vectorsPath}` : vectors.length})`, () => {
  let server: EventServer;
  let uuids = 0;

  beforeAll(async () => {
    server = await startEventServer({
      objects,
      defaultListener: 'foo/el',
      ids: { uuid: () => `uuid-${++uuids}`, nameSuffix: () => 'abcde' },
    });
  });
  afterAll(() => server.close());

  const created = async (): Promise<number> => (await server.stores.store.list('tekton.dev/TaskRun')).items.length;

  it.each(vectors.map((vector) => [vector.method, vector.path, vector.body, vector] as const))(
    '%s %s %s',
    async (method, path, body, vector) => {
      const before = await created();
      const headers: Record<string, string> = vector.contentType === '' ? {} : { 'content-type': vector.contentType };
      const answer = await server.post(path, body, headers, method);
      await server.settled();
      if (isOtherMethod(vector)) {
        expect(answer.status).toBe(405);
        expect(await created()).toBe(before);
        return;
      }
      const listener = await server.stores.store.get({ kind: 'triggers.tekton.dev/EventListener', namespace: 'foo', name: 'el' });
      const eventId = /"eventID":"([^"]*)"/.exec(answer.body)?.[1] ?? 'none';
      const asVector = (text: string) => text.replace(eventId, '12345').replace(listener?.metadata.uid ?? 'none', 'el-uid');
      expect(answer.status).toBe(vector.status);
      expect(asVector(answer.body)).toBe(vector.responseBody);
      const answered = Object.fromEntries(
        Object.keys(vector.responseHeaders).map((name) => [name, asVector(String(answer.headers[name.toLowerCase()]))]),
      );
      expect(answered).toEqual(vector.responseHeaders);
      expect(await created()).toBe(before + vector.resourcesCreated);
    },
  );
});
