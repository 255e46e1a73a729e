import { destination, type Logger as Pino, pino } from 'pino';
import type { Logger } from '../ports/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Keys that carry secrets wherever they turn up; the last net, callers should not pass them at all. */
const REDACTED = ['authorization', 'token', 'password', 'secret', 'signature', 'cookie'].flatMap((key) => [key, `*.${key}`]);

/** JSON lines on standard error, so that standard output stays the program's own. */
export function pinoLogger(level: LogLevel): Logger {
  return wrap(
    pino({ level, base: undefined, redact: REDACTED, timestamp: pino.stdTimeFunctions.isoTime }, destination({ fd: 2, sync: true })),
  );
}

function wrap(logger: Pino): Logger {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
