import { CircuitOpenError } from '@pharos/node';

/** What can go wrong in the shop, closed: each code has one HTTP status. */
const STATUS = {
  validation: 400,
  unauthenticated: 401,
  insufficient_balance: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  insufficient_stock: 409,
  too_large: 413,
  unsupported_media: 415,
  refused: 422,
  rate_limited: 429,
  internal: 500,
  injected: 500,
  bad_gateway: 502,
  halted: 503,
  unavailable: 503,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** One offending input: where it stood, what came, what would have been right. */
export interface FieldProblem {
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
}

interface ShopErrorOptions {
  readonly cause?: unknown;
  readonly details?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  /** Overrides the code's own status (an injected fault may answer 502 or 503). */
  readonly status?: number;
}

/** An expected failure with a stable code. Anything else that reaches the error handler is a bug and answers 500. */
export class ShopError extends Error {
  override readonly name = 'ShopError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ShopErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? STATUS[code];
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Whether an unknown value is the named failure; by code, never by its text. */
export function isShopError(error: unknown, code?: ErrorCode): error is ShopError {
  return error instanceof ShopError && (code === undefined || error.code === code);
}

/** The JSON body of every error answer of the shop. */
interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: readonly FieldProblem[];
    readonly request_id: string;
  };
}

/** The shop's code for a status that the HTTP framework itself decided on. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media',
};

interface Rendered {
  readonly status: number;
  readonly body: ErrorBody;
  readonly retryAfterSeconds: number | undefined;
}

/** Renders any failure; what was not expected says nothing about our inside. */
export function renderError(error: unknown, requestId: string): Rendered {
  if (error instanceof ShopError) {
    const { code, message, details, status, retryAfterSeconds } = error;
    return { status, retryAfterSeconds, body: body(code, message, requestId, details) };
  }
  if (error instanceof CircuitOpenError) {
    const message = `${error.service} is not available: ${error.message}`;
    const retryAfterSeconds = Math.ceil((error.retryAfterMs ?? 1_000) / 1_000);
    return { status: 503, retryAfterSeconds, body: body('circuit_open', message, requestId) };
  }
  const status = clientStatus(error);
  if (status !== null && error instanceof Error) {
    const code = CODE_OF_STATUS[status] ?? 'validation';
    return { status, retryAfterSeconds: undefined, body: body(code, error.message, requestId) };
  }
  const message = 'something broke on our side; the request id finds it in the logs';
  return { status: 500, retryAfterSeconds: undefined, body: body('internal', message, requestId) };
}

function body(
  code: string,
  message: string,
  requestId: string,
  details: readonly FieldProblem[] = [],
): ErrorBody {
  return { error: { code, message, details, request_id: requestId } };
}

/** The 4xx status of a framework's error (malformed JSON, body too large, wrong content type); null for anything else. */
function clientStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null;
}
