import { utf8ToBytes } from '@noble/hashes/utils.js';

const hashLength = 5;

/**
 * Names of the volumes behind workspaces, in order: `ws-` and five hex digits of the workspace name's FNV-1a hash. A name that is taken is
 * hashed again with a `$` behind it. Follows tektoncd/pipeline pkg/workspace/apply.go, `CreateVolumes`.
 */
export function volumeNames(workspaces: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const workspace of workspaces) {
    let name = volumeName(workspace);
    while (taken.has(name)) name = volumeName(`${name}$`);
    taken.add(name);
    names.set(workspace, name);
  }
  return names;
}

/** The name of one workspace's volume where no other volume stands in its way. */
export function volumeName(workspace: string): string {
  return `ws-${fnv1a32(workspace).toString(16).padEnd(hashLength, '0').slice(0, hashLength)}`;
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8ToBytes(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
