/** A failure of the lab that its user can understand: `code` for programs, the message for people. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
