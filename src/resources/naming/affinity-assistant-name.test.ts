import { expect, it } from 'vitest';
import { affinityAssistantName } from './affinity-assistant-name.ts';

it('is the name that upstream has given on a cluster', () => {
  expect(affinityAssistantName('ws', 'pr-different-path-4mbr9')).toBe('affinity-assistant-cc156ae7f3');
});
