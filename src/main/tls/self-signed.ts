import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { derBits, derInteger, derObjectId, derOctets, derSequence, derSet, derTagged, derTime, derTrue, derUtf8 } from './der.ts';

export interface KeyAndCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
}

const ECDSA_WITH_SHA256 = derSequence(derObjectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** digitalSignature and keyCertSign: a client that trusts it as an authority and one that pins it both take it. */
const USAGES = Buffer.from([0x84]);

/**
 * A certificate (X.509 version 3, P-256) that vouches for itself, for these host names and addresses. Clients trust it because they are handed it, in a
 * kubeconfig, not because anybody signed it.
 */
export function selfSigned(hosts: readonly string[], validity: { readonly from: Date; readonly to: Date }): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = derSequence(derSet(derSequence(derObjectId(COMMON_NAME), derUtf8('tappet'))));
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  const signed = derSequence(
    derTagged(0, derInteger(Buffer.from([2])), 'constructed'),
    derInteger(serial),
    ECDSA_WITH_SHA256,
    name,
    derSequence(derTime(validity.from), derTime(validity.to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    derTagged(3, extensionsFor(hosts), 'constructed'),
  );
  const certificate = derSequence(signed, ECDSA_WITH_SHA256, derBits(sign('sha256', signed, privateKey)));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem('CERTIFICATE', certificate),
  };
}

function extensionsFor(hosts: readonly string[]): Buffer {
  return derSequence(
    extension(BASIC_CONSTRAINTS, derSequence(derTrue()), derTrue()),
    extension(KEY_USAGE, derBits(USAGES, 2), derTrue()),
    extension(EXTENDED_KEY_USAGE, derSequence(derObjectId(SERVER_AUTH))),
    extension(SUBJECT_ALT_NAME, derSequence(...hosts.map(generalName))),
  );
}

function extension(id: string, value: Buffer, critical: Buffer = Buffer.alloc(0)): Buffer {
  return derSequence(derObjectId(id), critical, derOctets(value));
}

/** dNSName or iPAddress. */
function generalName(host: string): Buffer {
  const address = host.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? derTagged(2, Buffer.from(host), 'primitive') : derTagged(7, addressBytes(address), 'primitive');
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes every IPv6 address in one way, without dotted quads.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const [left, right] = [groupsOf(head), groupsOf(tail)];
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
