/** There was no answer, or not a whole one. */
export class BrokenConnection extends Error {
  /** False: the server cannot have seen the request. */
  readonly sent: boolean;

  constructor(message: string, options: ErrorOptions & { readonly sent: boolean }) {
    super(message, options);
    this.name = 'BrokenConnection';
    this.sent = options.sent;
  }
}
