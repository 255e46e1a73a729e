import type { KubeObject } from '../../../src/resources/object.ts';
import { type EventServer, startEventServer } from '../../../test/support/event-server.ts';
import type { Vector } from './vector.ts';

export interface HttpCase {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly responseBody: string;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly resourcesCreated: number;
}

/** The file's note: one trigger that creates one TaskRun and needs both values; EventListener `el` in `foo`; event id 12345. */
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

/** Requests against ingress and events over the memory store. */
export function http(cases: readonly HttpCase[]): readonly Vector[] {
  return cases.map((given) => ({
    name: `http: ${given.method} ${given.path} ${given.contentType} ${given.body}`,
    expected: {
      status: given.status,
      body: given.responseBody,
      headers: given.responseHeaders,
      created: given.resourcesCreated,
    },
    async run() {
      const server = await startEventServer({ objects, defaultListener: 'foo/el' });
      try {
        return await ask(server, given);
      } finally {
        await server.close();
      }
    },
  }));
}

async function ask(server: EventServer, given: HttpCase): Promise<unknown> {
  const contentType: Record<string, string> = given.contentType === '' ? {} : { 'content-type': given.contentType };
  const answer = await server.post(given.path, given.body, { ...contentType, ...given.headers }, given.method);
  await server.settled();
  const listener = await server.stores.store.get({ kind: 'triggers.tekton.dev/EventListener', namespace: 'foo', name: 'el' });
  const eventId = (await server.stores.journal.list({ limit: 1 }))[0]?.eventId ?? 'none';
  const asVector = (text: string) => text.replace(eventId, '12345').replace(listener?.metadata.uid ?? 'none', 'el-uid');
  return {
    status: answer.status,
    body: asVector(answer.body),
    headers: Object.fromEntries(
      Object.keys(given.responseHeaders).map((name) => [name, asVector(String(answer.headers[name.toLowerCase()]))]),
    ),
    created: (await server.stores.store.list('tekton.dev/TaskRun')).items.length,
  };
}
