/** What went wrong, seen by a caller; each kind maps to one HTTP status, once, here. */
const HTTP_STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  unprocessable: 422,
  too_many: 429,
  canceled: 499,
  internal: 500,
  not_implemented: 501,
  unavailable: 503,
  timeout: 504,
} as const;

export type ErrorKind = keyof typeof HTTP_STATUS;

/** One entry of a slice's closed catalogue. `hint` says what the reader can do. */
export interface ErrorSpec {
  readonly kind: ErrorKind;
  readonly hint?: string;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  readonly hint?: string;
  /** Extra facts for the API's own error shape; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An expected failure. `code` is `slice.name` from a catalogue; anything that is not a PharosError is a bug. */
export class PharosError extends Error {
  override readonly name = 'PharosError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, spec: ErrorSpec, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = spec.kind;
    this.hint = options.hint ?? spec.hint;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details;
  }

  get status(): number {
    return HTTP_STATUS[this.kind];
  }
}

export interface ErrorCatalogue<Name extends string> {
  /** Builds the error; throwing it is the caller's act, so that control flow stays visible. */
  make(name: Name, message: string, options?: ErrorOptions): PharosError;
  /** Whether an unknown value is the named error of this catalogue; by code, never by message text. */
  is(error: unknown, name: Name): error is PharosError;
  readonly specs: Readonly<Record<Name, ErrorSpec>>;
  readonly slice: string;
}

/** Declares a slice's closed error catalogue. */
export function defineErrors<Name extends string>(
  slice: string,
  specs: Readonly<Record<Name, ErrorSpec>>,
): ErrorCatalogue<Name> {
  const codeOf = (name: Name): string => `${slice}.${name}`;
  return {
    slice,
    specs,
    make: (name, message, options) => new PharosError(codeOf(name), specs[name], message, options),
    is: (error, name): error is PharosError => error instanceof PharosError && error.code === codeOf(name),
  };
}
