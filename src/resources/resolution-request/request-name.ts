import { utf8ToBytes } from '@noble/hashes/utils.js';
import { compareUtf8 } from '../../expressions/compare-utf8.ts';
import { goJson } from '../../expressions/jsonpath/go-json.ts';
import type { RemoteReference } from '../references.ts';

const longestName = 63;
const offsetBasis = 0x6c62272e07bb014262b821756295c58dn;
const prime = 0x0000000001000000000000000000013bn;
const mask = (1n << 128n) - 1n;

/**
 * `<resolver>-<FNV-1a-128 of what is asked>`: the same question by the same run has one name, so asking twice finds the first answer.
 * `base` is the run's name. Follows tektoncd/pipeline pkg/resolution/resource/name.go, `GenerateDeterministicNameFromSpec`.
 */
export function requestName({ resolver, params, url = '' }: RemoteReference, namespace: string, base: string): string {
  const sorted = [...params].sort((a, b) => compareUtf8(a.name, b.name));
  const texts = sorted.flatMap(({ name, value }) => [name, typeof value === 'string' ? value : goJson(value)]);
  const hash = fnv1a128([`${namespace}/${base}`, ...texts, url].join(''));
  return `${resolver.slice(0, longestName - hash.length - 1)}-${hash}`;
}

function fnv1a128(text: string): string {
  let hash = offsetBasis;
  for (const byte of utf8ToBytes(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash.toString(16).padStart(32, '0');
}
