import { Buffer } from 'node:buffer';
import { StoreError } from '../../ports/store.ts';

/** Where a list stopped: the last object shown, and the version the first page was of. */
export interface PagePosition {
  readonly version: number;
  readonly namespace: string;
  readonly name: string;
}

export function writePosition({ version, namespace, name }: PagePosition): string {
  return Buffer.from(JSON.stringify([version, namespace, name])).toString('base64url');
}

/** Throws `Invalid`: the token comes back through clients' hands. */
export function readPosition(token: string): PagePosition {
  try {
    const [version, namespace, name, ...rest] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (
      typeof version === 'number' &&
      Number.isSafeInteger(version) &&
      typeof namespace === 'string' &&
      typeof name === 'string' &&
      rest.length === 0
    ) {
      return { version, namespace, name };
    }
  } catch {
    // Not ours: refused below.
  }
  throw new StoreError('Invalid', 'continue: not a token of this store; list again from the start');
}
