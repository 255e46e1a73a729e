import { expect, it } from 'vitest';
import { tellSink } from '../../src/main/tell-sink.ts';
import type { EngineConfig } from '../../src/resources/engine-config.ts';
import type { HttpRequest } from '../../src/triggers/http-exchange.ts';
import { countingIds } from '../support/counting-ids.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { pipelineRun, task, taskRun, taskSpec, type World, world } from './world.ts';

/** An engine whose CloudEvents go to a sink that answers as told, and what the sink has got. */
async function withSink(
  answer: () => number | Promise<number> = () => 202,
  config: Partial<EngineConfig> = {},
): Promise<{ readonly sent: HttpRequest[]; readonly made: World }> {
  const sent: HttpRequest[] = [];
  const http = {
    async send(request: HttpRequest) {
      sent.push(request);
      const status = await answer();
      return { ok: true as const, response: { status, statusText: '', headers: {}, body: new Uint8Array(), url: '' } };
    },
    close: async () => {},
  };
  const ids = countingIds();
  const made = await world(undefined, {
    config: { 'default-cloud-events-sink': 'http://broker.example/x', ...config },
    audience: (ports) => tellSink({ ...ports, http, ids, logger: silentLogger }),
  });
  return { sent, made };
}

const words = (sent: readonly HttpRequest[]) => sent.map(({ headers }) => `${headers?.['Ce-Subject']} ${headers?.['Ce-Type']}`);

it('tells of a PipelineRun and its TaskRuns, each word once, in order, in upstream’s version', async () => {
  const { sent, made } = await withSink();
  await made.apply(pipelineRun('run', { tasks: [task('a')] }, { taskRunTemplate: { serviceAccountName: 'sa' } }));
  await made.advance(1_000);
  expect(words(sent).filter((one) => one.startsWith('run '))).toEqual([
    'run dev.tekton.event.pipelinerun.queued.v1',
    'run dev.tekton.event.pipelinerun.running.v1',
    'run dev.tekton.event.pipelinerun.successful.v1',
  ]);
  expect(words(sent).filter((one) => one.startsWith('run-a '))).toEqual([
    'run-a dev.tekton.event.taskrun.queued.v1',
    'run-a dev.tekton.event.taskrun.started.v1',
    'run-a dev.tekton.event.taskrun.successful.v1',
  ]);
  const last = sent.findLast(({ headers }) => headers?.['Ce-Subject'] === 'run');
  expect(last).toMatchObject({
    method: 'POST',
    url: 'http://broker.example/x',
    headers: {
      'Content-Type': 'application/json',
      'Ce-Specversion': '1.0',
      'Ce-Id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'Ce-Source': '/apis/tekton.dev/v1/namespaces/default/PipelineRun/run',
    },
  });
  const run = await made.get('tekton.dev/PipelineRun', 'run');
  expect(JSON.parse(String(last?.body))).toMatchObject({
    pipelineRun: {
      apiVersion: 'tekton.dev/v1beta1',
      kind: 'PipelineRun',
      metadata: { uid: run?.metadata.uid },
      spec: { serviceAccountName: 'sa', timeouts: { pipeline: '1h0m0s' } },
      status: { conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded' }] },
    },
  });
  expect(new Set(sent.map(({ headers }) => headers?.['Ce-Id'])).size).toBe(sent.length);
});

it('notes beside the run what became of its events', async () => {
  const answers = { status: 202 };
  const { made } = await withSink(() => answers.status);
  await made.apply(taskRun('one', { taskSpec }));
  await made.advance(1_000);
  const events = async () => (await made.list('Event')).map((event) => `${event['reason']}: ${event['message']}`);
  expect(await events()).toContain('CloudEventSent: Sent dev.tekton.event.taskrun.successful.v1');
  answers.status = 400;
  await made.apply(taskRun('two', { taskSpec }));
  for (let tries = 0; tries < 20; tries++) await made.advance(5_200);
  expect(await events()).toContain('CloudEventFailed: answered 400');
});

it('is held up by no sink that never answers, and keeps a bounded number of events for it', async () => {
  const { sent, made } = await withSink(() => new Promise(() => {}));
  await made.apply(...Array.from({ length: 100 }, (_, n) => taskRun(`t-${n}`, { taskSpec })));
  await made.advance(1_000);
  expect(await made.outcome('tekton.dev/TaskRun', 't-99')).toBe('Succeeded: All Steps have completed executing');
  expect(sent.length).toBe(16);
});

it('tells nothing twice after a restart, and what happens after it', async () => {
  const { sent, made } = await withSink();
  await made.apply(
    pipelineRun('done', { tasks: [task('a')] }),
    pipelineRun('waits', { tasks: [task('a')] }, { status: 'PipelineRunPending' }),
  );
  await made.advance(1_000);
  sent.length = 0;
  await made.close();
  await made.start();
  await made.advance(1_000);
  expect(sent).toEqual([]);
  await made.store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'waits' }, { spec: { status: '' } });
  await made.advance(1_000);
  expect(words(sent).at(-1)).toBe('waits dev.tekton.event.pipelinerun.successful.v1');
  sent.length = 0;
  // Of what is done no memory is kept, and nothing new is said of it.
  await made.store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'waits' }, { metadata: { labels: { a: 'b' } } });
  await made.settle();
  expect(sent).toEqual([]);
});

it.each([true, false])('tells of CustomRuns, whose reasons are their controllers’ own, unless these do (%s)', async (send) => {
  const { sent, made } = await withSink(undefined, { 'send-cloudevents-for-runs': send });
  const customRef = { apiVersion: 'example.dev/v1', kind: 'Wait' };
  await made.apply({
    apiVersion: 'tekton.dev/v1beta1',
    kind: 'CustomRun',
    metadata: { name: 'c', namespace: 'default' },
    spec: { customRef },
  });
  const says = async (status: string, reason: string) => {
    const stored = await made.get('tekton.dev/CustomRun', 'c');
    if (stored !== undefined) await made.store.updateStatus({ ...stored, status: { conditions: [{ type: 'Succeeded', status, reason }] } });
    await made.settle();
  };
  await says('Unknown', 'Brewing');
  await says('Unknown', 'StillBrewing');
  await says('False', 'Spilled');
  const type = (word: string) => `c dev.tekton.event.customrun.${word}.v1`;
  expect(words(sent)).toEqual(send ? [type('started'), type('running'), type('failed')] : []);
  expect(sent.map(({ body }) => Object.keys(JSON.parse(String(body))))).toEqual(sent.map(() => ['customRun']));
});
