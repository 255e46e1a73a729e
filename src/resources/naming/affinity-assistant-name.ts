import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** On a TaskRun: the group of pods, by upstream's name for its placeholder, that are to share a node with it. */
export const AFFINITY_ASSISTANT = 'pipeline.tekton.dev/affinity-assistant';

/**
 * The name of what keeps the tasks of a run together: those that use one workspace of it, or (`workspace` empty) all of them.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/affinity_assistant.go, `GetAffinityAssistantName`.
 */
export function affinityAssistantName(workspace: string, run: string): string {
  return `affinity-assistant-${bytesToHex(sha256(utf8ToBytes(workspace + run))).slice(0, 10)}`;
}
