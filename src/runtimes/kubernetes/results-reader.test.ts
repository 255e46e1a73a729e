import { expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { silentLogger } from '../../../test/support/silent-logger.ts';
import { KubeError } from '../../kube/kube-client.ts';
import { ResultsReader } from './results-reader.ts';

const end = '{"name":"","type":"end","value":""}\n';
const pod = { metadata: { name: 'run-pod', namespace: 'ci' } };

function reading(answers: readonly (string | Error)[]): {
  readonly reader: ResultsReader;
  readonly clock: ManualClock;
  asked(): number;
  read: Promise<string>;
} {
  const clock = new ManualClock();
  let asked = 0;
  let onRead: (uid: string) => void = () => undefined;
  const read = new Promise<string>((resolve) => {
    onRead = resolve;
  });
  const requests = {
    async *log(): AsyncGenerator<Uint8Array> {
      const answer = answers[asked++] ?? '';
      if (answer instanceof Error) throw answer;
      yield Buffer.from(answer);
    },
  };
  const reader = new ResultsReader({ requests, clock, logger: silentLogger, signal: new AbortController().signal, onRead });
  return { reader, clock, asked: () => asked, read };
}

it('reads a log once', async () => {
  const { reader, asked, read } = reading([`{"name":"r","type":"task","value":"a"}\n${end}`]);
  reader.read('u', pod);
  reader.read('u', pod);
  expect(await read).toBe('u');
  reader.read('u', pod);
  expect([reader.of('u')?.taskResults, asked()]).toEqual([{ r: 'a' }, 1]);
});

it('asks again after a pause, and gives up in the end', async () => {
  const { reader, clock, asked, read } = reading(
    Array.from({ length: 9 }, () => new KubeError(500, 'InternalError', 'no route to the node')),
  );
  reader.read('u', pod);
  for (const pause of [1, 2, 4, 8, 16]) {
    await expect.poll(() => clock.next).toBe(clock.now() + pause * 1000);
    await clock.advance(pause * 1000);
  }
  await read;
  expect([reader.of('u')?.problem, asked()]).toEqual([{ type: 'unreadable', message: 'no route to the node' }, 6]);
});

it('does not wait for the log of a pod that is gone, and does not swallow one that is endless', async () => {
  const gone = reading([new KubeError(404, 'NotFound', 'pods "run-pod" not found')]);
  gone.reader.read('u', pod);
  await gone.read;
  expect([gone.reader.of('u')?.problem?.type, gone.asked()]).toEqual(['unreadable', 1]);
  const endless = reading(['x'.repeat(5 * 1024 * 1024)]);
  endless.reader.read('u', pod);
  await endless.read;
  expect(endless.reader.of('u')?.problem).toMatchObject({ message: 'they are more than 4194304 bytes together' });
});
