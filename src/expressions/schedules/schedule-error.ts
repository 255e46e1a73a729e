/** What is wrong with a schedule as it is written. */
export interface ScheduleError {
  /** What was got and what is expected: `hour: got "25", expected a number from 0 to 23`. */
  readonly message: string;
  /** Where in the text, in UTF-16 units from 0. */
  readonly position: number;
}

export type Failed = { readonly ok: false; readonly error: ScheduleError };

export function failed(message: string, position: number): Failed {
  return { ok: false, error: { message, position } };
}

/** For messages: foreign text in quotes, cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
