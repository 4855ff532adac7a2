/** RFC 5176 §3.5 "Error-Cause": why a CoA-Request or a Disconnect-Request is refused. */
export const ErrorCause = {
  UNSUPPORTED_ATTRIBUTE: 401,
  MISSING_ATTRIBUTE: 402,
  NAS_IDENTIFICATION_MISMATCH: 403,
  INVALID_REQUEST: 404,
  UNSUPPORTED_SERVICE: 405,
  UNSUPPORTED_EXTENSION: 406,
  SESSION_CONTEXT_NOT_FOUND: 503,
} as const;

export type ErrorCause = (typeof ErrorCause)[keyof typeof ErrorCause];
