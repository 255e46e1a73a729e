import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const TOKEN_FILE = 'api-token';

/**
 * The token of the API: made at the first start and kept in the data directory, readable by its owner alone. It is wanted on loopback too: steps share
 * the host's network, and a step runs whatever a pull request brings; without a token it could read every secret there is.
 */
export async function apiToken(dataDir: string): Promise<string> {
  const file = join(dataDir, TOKEN_FILE);
  const known = await readFile(file, 'utf8').catch(absent);
  if (known !== undefined && known.trim() !== '') return known.trim();
  const token = randomBytes(24).toString('base64url');
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
