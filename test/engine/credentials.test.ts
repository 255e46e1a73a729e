import { expect, it } from 'vitest';
import type { PodMaterials } from '../../src/ports/runtime.ts';
import type { PodPlan } from '../../src/tasks/pod-plan.ts';
import { taskRun, taskSpec, type World, world } from './world.ts';

const secret = (name: string, type: string, place: string, data: Record<string, string>): unknown => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: `kubernetes.io/${type}`,
  metadata: { name, namespace: 'default', annotations: { 'tekton.dev/git-0': place } },
  stringData: data,
});
const account = (name: string, ...secrets: string[]): unknown => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'default' },
  secrets: secrets.map((each) => ({ name: each })),
});

const login = secret('login', 'basic-auth', 'https://github.com', { username: 'u', password: 'p' });
const key = secret('key', 'ssh-auth', 'github.com', { 'ssh-privatekey': 'k' });

/** What the runtime is given for each pod it starts. */
function given({ runtime }: World): readonly PodMaterials[] {
  const all: PodMaterials[] = [];
  const start = runtime.start.bind(runtime);
  Object.assign(runtime, {
    start: (plan: PodPlan, materials: PodMaterials): Promise<void> => {
      all.push(materials);
      return start(plan, materials);
    },
  });
  return all;
}

it("gives a pod the credentials of its ServiceAccount's secrets", async () => {
  const made = await world();
  const materials = given(made);
  await made.apply(login, key, account('bot', 'login', 'key', 'login'), taskRun('r', { taskSpec, serviceAccountName: 'bot' }));
  expect([...(materials[0]?.credentials?.keys() ?? [])].sort()).toEqual(['.git-credentials', '.gitconfig', '.ssh/config', '.ssh/id_key']);
  expect(await made.outcome('tekton.dev/TaskRun', 'r')).toMatch(/^Succeeded/);
});

it('gives none to a pod whose account is not there, nor where they are switched off', async () => {
  const made = await world();
  const materials = given(made);
  await made.apply(login, taskRun('r', { taskSpec }));
  const off = await world(undefined, { config: { 'disable-creds-init': true } });
  const materialsThere = given(off);
  await off.apply(login, account('default', 'login'), taskRun('r', { taskSpec }));
  expect([materials, materialsThere].map(([first]) => first?.credentials?.size)).toEqual([0, 0]);
});

it('tells of secrets that are not there, and runs the pod', async () => {
  const made = await world();
  await made.apply(login, account('default', 'gone', 'login', 'lost'), taskRun('r', { taskSpec }));
  expect(await made.outcome('tekton.dev/TaskRun', 'r')).toMatch(/^Succeeded/);
  expect((await made.list('Event')).map((event) => [event['type'], event['reason'], event['message']])).toContainEqual([
    'Warning',
    'FailedToRetrieveSecret',
    'Unable to retrieve some secrets (gone, lost); attempting to use them may not succeed.',
  ]);
});

it('starts no pod with a key whose hosts are not known, where they must be', async () => {
  const made = await world(undefined, { config: { 'require-git-ssh-secret-known-hosts': true } });
  const known = secret('known', 'ssh-auth', 'github.com', { 'ssh-privatekey': 'k', known_hosts: 'h' });
  await made.apply(key, known, account('default', 'key'), account('other', 'known'));
  await made.apply(taskRun('r', { taskSpec }), taskRun('s', { taskSpec, serviceAccountName: 'other' }));
  expect(await made.outcome('tekton.dev/TaskRun', 'r')).toBe(
    'TaskRunValidationFailed: translating TaskSpec to Pod: TaskRun validation failed. Git SSH Secret must have "known_hosts" included when feature flag "require-git-ssh-secret-known-hosts" is set to true',
  );
  expect(await made.outcome('tekton.dev/TaskRun', 's')).toMatch(/^Succeeded/);
  expect(made.begun).toEqual(['s-pod']);
});
