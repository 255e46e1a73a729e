import { describe } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import { KubernetesStore } from '../../src/stores/kubernetes/kubernetes-store.ts';
import { embeddedKubernetes, type KubernetesUnderTest, realCluster, realKubernetes } from '../support/kubernetes-under-test.ts';
import { type AnyStore, storeContract } from './store.contract.ts';

function over(open: () => Promise<KubernetesUnderTest>, goneVersion: string): AnyStore {
  return {
    goneVersion,
    async open() {
      const { client, namespaces, close } = await open();
      const store = new KubernetesStore({ client, clock: systemClock });
      return {
        store,
        namespaces,
        async close() {
          await store.close();
          await close();
        },
      };
    },
  };
}

// Our own API in every run; a real cluster where TAPPET_TEST_KUBECONFIG names one.
storeContract('kubernetes, our own API', over(embeddedKubernetes, '999999'));
describe.skipIf(realCluster === undefined)('a real cluster', () => storeContract('kubernetes', over(realKubernetes, '1')));
