import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const identityLength = 10;

/**
 * The name of the PersistentVolumeClaim made from a workspace's `volumeClaimTemplate`. `owner` is the uid of the run that owns the claim,
 * `templateName` the template's own `metadata.name`. Follows tektoncd/pipeline pkg/reconciler/volumeclaim, `GetPVCNameWithoutAffinityAssistant`.
 */
export function claimName(workspace: string, owner: string, templateName?: string): string {
  const identity = bytesToHex(sha256(utf8ToBytes(workspace + owner))).slice(0, identityLength);
  return `${templateName || 'pvc'}-${identity}`;
}
