import { open } from 'node:fs/promises';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { AuditLog } from '../server/access/audit-log.ts';

export interface AuditFile extends AuditLog {
  /** Writes what is waiting. */
  close(): Promise<void>;
}

/**
 * A line of JSON for each record, appended and synced in batches. The file is opened anew for each batch, for appending alone: it may be moved away at
 * any time (`logrotate`), and `chattr +a` keeps even this program from changing what stands in it.
 */
export function auditFile(path: string, { ids, logger }: { readonly ids: Ids; readonly logger: Logger }): AuditFile {
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      try {
        const file = await open(path, 'a', 0o600);
        try {
          await file.appendFile(lines.join(''));
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (error) {
        logger.error('audit records could not be written', { path, records: lines.length, error: String(error) });
      }
    }
    writing = undefined;
  }

  return {
    record(event) {
      waiting.push(`${JSON.stringify({ auditID: ids.uuid(), ...event })}\n`);
      writing ??= write();
    },
    async close() {
      await writing;
    },
  };
}
