export type DataDirErrorCode = 'NotWritable' | 'Locked' | 'Corrupt' | 'TooNew';

/** Why a data directory cannot be used: one line that says what to do. */
export class DataDirError extends Error {
  readonly code: DataDirErrorCode;
  constructor(code: DataDirErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DataDirError';
    this.code = code;
  }
}
