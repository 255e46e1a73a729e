export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. Messages from `warn` upwards are constant strings, what varies goes into `fields`.
 * Implementations redact; callers still never pass secrets, bodies or headers.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}
