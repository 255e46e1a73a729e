import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { Informer } from '../controllers/informer.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { Configuration } from './configuration.ts';

const GROUP = 'triggers.tekton.dev';
const object = (kind: string, name: string, spec: Record<string, unknown> = {}, namespace: string | undefined = 'ns'): KubeObject => ({
  apiVersion: `${GROUP}/v1beta1`,
  kind,
  metadata: { name, namespace },
  spec,
});

let stores: ReturnType<typeof openMemory>;
let configuration: Configuration<string>;
let compiled: string[];

beforeEach(async () => {
  const clock = new ManualClock();
  stores = openMemory({ clock, ids: countingIds() });
  compiled = [];
  configuration = new Configuration({
    open: ({ kind, onChange }) => new Informer({ store: stores.store, clock, logger: silentLogger, kind, onChange }),
    compile: ({ metadata }) => {
      compiled.push(metadata.name);
      return `${metadata.name} ${compiled.length}`;
    },
  });
  await stores.store.create(object('EventListener', 'el'));
  await configuration.start();
});
afterEach(async () => {
  await configuration.close();
  await stores.close();
});

const listener = (key = 'ns/el'): Stored<EventListener> => {
  const found = configuration.listener(key);
  if (found === undefined) throw new Error(`no ${key}`);
  return found;
};

/** Changes reach the live copies a few turns after the write. */
async function seen(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('Configuration', () => {
  it('compiles once, and again after a change of what the listener may lead to', async () => {
    expect(configuration.compiled(listener())).toBe('el 1');
    expect(configuration.compiled(listener())).toBe('el 1');
    const changes: (() => Promise<unknown>)[] = [
      () => stores.store.create(object('TriggerTemplate', 'a')),
      () => stores.store.patch({ kind: `${GROUP}/TriggerTemplate`, namespace: 'ns', name: 'a' }, { spec: { params: [] } }),
      () => stores.store.patch({ kind: `${GROUP}/TriggerTemplate`, namespace: 'ns', name: 'a' }, { metadata: { labels: { a: 'b' } } }),
      () => stores.store.delete({ kind: `${GROUP}/TriggerTemplate`, namespace: 'ns', name: 'a' }),
      () => stores.store.create(object('TriggerBinding', 'a')),
      () => stores.store.create(object('Trigger', 'a')),
      () => stores.store.create({ ...object('ClusterTriggerBinding', 'a'), metadata: { name: 'a' } }),
      () => stores.store.patch({ kind: `${GROUP}/EventListener`, namespace: 'ns', name: 'el' }, { metadata: { annotations: { a: 'b' } } }),
    ];
    for (const [index, change] of changes.entries()) {
      await change();
      await seen();
      expect(configuration.compiled(listener())).toBe(`el ${index + 2}`);
    }
  });

  it('does not compile again for a status, nor for what is elsewhere', async () => {
    configuration.compiled(listener());
    await stores.store.patch(
      { kind: `${GROUP}/EventListener`, namespace: 'ns', name: 'el' },
      { status: { conditions: [] } },
      { subresource: 'status' },
    );
    await stores.store.create(object('TriggerTemplate', 'a', {}, 'other'));
    await stores.store.create(object('EventListener', 'another'));
    await seen();
    configuration.compiled(listener());
    expect(compiled).toEqual(['el']);
  });

  it('compiles a listener that selects again for what is elsewhere', async () => {
    await stores.store.create(object('EventListener', 'selects', { namespaceSelector: { matchNames: ['*'] } }));
    await seen();
    configuration.compiled(listener('ns/selects'));
    await stores.store.create(object('Trigger', 'a', {}, 'other'));
    await seen();
    expect(configuration.compiled(listener('ns/selects'))).toBe('selects 2');
  });

  it('looks up what listeners lead to', async () => {
    await stores.store.create(object('Trigger', 'a'));
    await stores.store.create(object('Trigger', 'b', {}, 'other'));
    await stores.store.create(object('TriggerBinding', 'a'));
    await seen();
    const names = (triggers: readonly KubeObject[]) => triggers.map(({ metadata }) => metadata.name);
    expect(names(configuration.triggers())).toEqual(['a', 'b']);
    expect(names(configuration.triggers('other'))).toEqual(['b']);
    expect(configuration.trigger('ns', 'b')).toBeUndefined();
    expect(configuration.triggerBinding('ns', 'a')?.metadata.name).toBe('a');
    expect(configuration.clusterTriggerBinding('a')).toBeUndefined();
  });

  it('knows the sole listener while there is one', async () => {
    expect(configuration.soleListener()?.metadata.name).toBe('el');
    await stores.store.create(object('EventListener', 'another'));
    await seen();
    expect(configuration.soleListener()).toBeUndefined();
  });
});
