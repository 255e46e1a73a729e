import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const longestName = 63;
const md5HexLength = 32;
const headLength = longestName - md5HexLength;

/**
 * The name of what `parent` creates: a TaskRun of a pipeline task (`childName(run, '-build')`), a pod (`childName(taskRun, '-pod')`).
 * It is `parent + suffix` where that fits a DNS label, and keeps a head and an MD5 in place of what does not: the same input gives the
 * same name for ever, so creating twice finds what is there. Follows knative.dev/pkg/kmeta `ChildName`.
 */
export function childName(parent: string, suffix: string): string {
  if (parent.length <= longestName - suffix.length) return parent + suffix;
  const head = headLength - suffix.length;
  if (head > 0) return parent.slice(0, head) + md5Hex(parent) + suffix;

  const hashed = parent.slice(0, headLength) + md5Hex(parent + suffix);
  return (hashed + suffix.slice(0, longestName - hashed.length)).replace(/[^a-zA-Z0-9]+$/, '');
}

function md5Hex(text: string): string {
  return bytesToHex(md5(utf8ToBytes(text)));
}
