import { expect, it } from 'vitest';
import { KubeError, type KubeRequest } from '../kube/kube-client.ts';
import { entrypointDelivery } from './entrypoint-delivery.ts';

/** An API server that says of itself what it is. */
function server(answer: object | KubeError) {
  const asked: string[] = [];
  const request = async <T>({ path }: KubeRequest) => {
    asked.push(path);
    if (answer instanceof KubeError) throw answer;
    return { status: 200, body: answer as T, warnings: [] };
  };
  return { asked, request };
}

it.each([
  [{ major: '1', minor: '36' }, 'image-volume'],
  [{ major: '1', minor: '37+' }, 'image-volume'],
  [{ major: '2', minor: '0' }, 'image-volume'],
  [{ major: '1', minor: '35' }, 'init-container'],
  [{ major: '1', minor: '9+' }, 'init-container'],
  [{}, 'init-container'],
])('a server of version %j: %s', async (version, delivery) => {
  expect(await entrypointDelivery('auto', server(version))).toBe(delivery);
});

it('does not ask where the configuration says', async () => {
  const { asked, request } = server({});
  expect(await entrypointDelivery('image-volume', { request })).toBe('image-volume');
  expect(asked).toEqual([]);
});

it('takes a server that does not say for an old one, and tells of one that does not answer', async () => {
  expect(await entrypointDelivery('auto', server(new KubeError(403, 'Forbidden', 'no')))).toBe('init-container');
  await expect(entrypointDelivery('auto', server(new KubeError(0, 'Unreachable', 'gone')))).rejects.toThrow('gone');
});
