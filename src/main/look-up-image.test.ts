import { createHash } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { pod as plan } from '../../test/contract/runtime-support.ts';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { ociRegistry } from '../../test/support/oci-registry.ts';
import { parseAllowRule } from '../http/allow-rule.ts';
import { createHttp } from '../http/create-http.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { imageLookup } from './look-up-image.ts';

const config = JSON.stringify({ config: { Entrypoint: ['/app'], Cmd: ['serve'] } });

/** A registry with an image for two platforms, and what asks it. */
async function scene() {
  const registry = await ociRegistry({ credentials: 'bot:secret' });
  registry.push('ci/blobs', 'latest', [{ content: config, form: 'as-is' }]);
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const ours = registry.putManifest('ci/app', 'amd64', JSON.stringify({ config: { digest } }));
  const child = (architecture: string, of: string) => ({ platform: { os: 'linux', architecture }, digest: of });
  const index = { manifests: [child('arm64', `sha256:${'0'.repeat(64)}`), child('amd64', ours)] };
  const pinned = registry.putManifest('ci/app', 'v1', JSON.stringify(index));
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  const rule = parseAllowRule('127.0.0.1');
  const http = createHttp({ outbound: { allow: rule === undefined ? [] : [rule], allowPrivate: false }, clock });
  onTestFinished(() => http.close());
  const secret = (name: string, auth: string) =>
    store.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'ci' },
      stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [registry.host]: { auth: Buffer.from(auth).toString('base64') } } }) },
    });
  const account = (names: readonly string[]) =>
    store.create({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'bot', namespace: 'ci' },
      imagePullSecrets: names.map((name) => ({ name })),
    });
  return { registry, clock, pinned, secret, account, lookUp: imageLookup({ http, store, clock }) };
}

const planned = (imagePullSecrets: readonly string[] = []) => ({
  ...plan({ uid: 'u1-0', steps: [{ name: 'one' }] }),
  serviceAccountName: 'bot',
  podTemplate: { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) },
});

it('reads what an image runs, with the pull secrets of the service account', async () => {
  const { registry, secret, account, lookUp } = await scene();
  await secret('of-account', 'bot:secret');
  await account(['of-account']);
  expect(await lookUp(`${registry.host}/ci/app:v1`, planned())).toEqual({ ok: true, command: { entrypoint: ['/app'], cmd: ['serve'] } });
});

it('takes whichever pull secret of the pod template is for the registry', async () => {
  const { registry, secret, lookUp } = await scene();
  await secret('second', 'bot:secret');
  expect(await lookUp(`${registry.host}/ci/app:v1`, planned(['not-there', 'second']))).toMatchObject({ ok: true });
});

it('asks again for a tag after a minute, and for a digest never', async () => {
  const { registry, pinned, clock, secret, account, lookUp } = await scene();
  await secret('of-account', 'bot:secret');
  await account(['of-account']);
  for (const [image, again] of [
    [`${registry.host}/ci/app:v1`, true],
    [`${registry.host}/ci/app@${pinned}`, false],
  ] as const) {
    await lookUp(image, planned());
    const asked = registry.requests.length;
    await lookUp(image, planned());
    expect(registry.requests.length).toBe(asked);
    clock.advance(61_000);
    await lookUp(image, planned());
    expect(registry.requests.length > asked).toBe(again);
  }
});

it('says why it does not know', async () => {
  const { registry, lookUp } = await scene();
  expect(await lookUp(`${registry.host}/ci/app:v1`, planned())).toMatchObject({ ok: false, reason: 'ErrImagePull' });
  expect(await lookUp('NOT A NAME', planned())).toMatchObject({ ok: false, reason: 'InvalidImageName' });
});
