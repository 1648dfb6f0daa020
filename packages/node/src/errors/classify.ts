/** The nine types of error statistics. */
export const ERROR_TYPES = [
  'authentication',
  'authorization',
  'validation',
  'service_unavailable',
  'timeout',
  'rate_limit',
  'circuit_breaker',
  'internal',
  'not_found',
] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** low = no action, medium = monitor, high = investigate, critical = act now. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const DEFAULT_SEVERITY: Readonly<Record<ErrorType, Severity>> = {
  authentication: 'medium',
  authorization: 'medium',
  validation: 'low',
  service_unavailable: 'critical',
  timeout: 'high',
  rate_limit: 'medium',
  circuit_breaker: 'high',
  internal: 'high',
  not_found: 'low',
};

export interface Classification {
  readonly type: ErrorType;
  readonly severity: Severity;
}

const BY_STATUS: Readonly<Record<number, ErrorType>> = {
  401: 'authentication',
  403: 'authorization',
  404: 'not_found',
  408: 'timeout',
  410: 'not_found',
  429: 'rate_limit',
  502: 'service_unavailable',
  503: 'service_unavailable',
  504: 'timeout',
};

/** Status of a request whose client left before the answer was complete (nginx); nothing that the service did wrong. */
export const CLIENT_CLOSED_REQUEST = 499;

/** The type of an HTTP status of 400 or more; undefined below, and for a client that left. */
export function typeOfStatus(status: number): ErrorType | undefined {
  if (status < 400 || status === CLIENT_CLOSED_REQUEST) return undefined;
  return BY_STATUS[status] ?? (status < 500 ? 'validation' : 'internal');
}

/** Codes of Node (errno), OpenSSL, undici, Fastify, the drivers in use, and this package. */
const BY_CODE: ReadonlyMap<string, ErrorType> = new Map<string, ErrorType>([
  ['PHAROS_CIRCUIT_OPEN', 'circuit_breaker'],
  ['PHAROS_TIMEOUT', 'timeout'],
  ['EOPENBREAKER', 'circuit_breaker'],
  ['ETIMEDOUT', 'timeout'],
  ['ESOCKETTIMEDOUT', 'timeout'],
  ['ERR_SOCKET_CONNECTION_TIMEOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout'],
  ['ECONNABORTED', 'timeout'],
  ['ECONNREFUSED', 'service_unavailable'],
  ['ECONNRESET', 'service_unavailable'],
  ['EHOSTUNREACH', 'service_unavailable'],
  ['ENETUNREACH', 'service_unavailable'],
  ['EHOSTDOWN', 'service_unavailable'],
  ['ENOTFOUND', 'service_unavailable'],
  ['EAI_AGAIN', 'service_unavailable'],
  ['EPIPE', 'service_unavailable'],
  ['UND_ERR_SOCKET', 'service_unavailable'],
  ['UND_ERR_CLOSED', 'service_unavailable'],
  ['UND_ERR_DESTROYED', 'service_unavailable'],
  ['ERR_JWT_EXPIRED', 'authentication'],
  ['ERR_JWT_CLAIM_VALIDATION_FAILED', 'authentication'],
  ['ERR_JWT_INVALID', 'authentication'],
  ['ERR_JWS_INVALID', 'authentication'],
  ['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'authentication'],
  ['FST_ERR_VALIDATION', 'validation'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'validation'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'validation'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'validation'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'validation'],
  ['EACCES', 'authorization'],
  ['EPERM', 'authorization'],
]);

const BY_NAME: ReadonlyMap<string, ErrorType> = new Map<string, ErrorType>([
  ['CircuitOpenError', 'circuit_breaker'],
  ['BrokenCircuitError', 'circuit_breaker'],
  ['TimeoutError', 'timeout'],
  ['AbortError', 'timeout'],
  ['JsonWebTokenError', 'authentication'],
  ['TokenExpiredError', 'authentication'],
  ['NotBeforeError', 'authentication'],
  ['JWTExpired', 'authentication'],
  ['UnauthorizedError', 'authentication'],
  ['AuthenticationError', 'authentication'],
  ['ForbiddenError', 'authorization'],
  ['AuthorizationError', 'authorization'],
  ['ValidationError', 'validation'],
  ['ZodError', 'validation'],
  ['$ZodError', 'validation'],
  ['CastError', 'validation'],
  ['BadRequestError', 'validation'],
  ['URIError', 'validation'],
  ['NotFoundError', 'not_found'],
  ['RateLimitError', 'rate_limit'],
  ['TooManyRequestsError', 'rate_limit'],
  ['MongoNetworkError', 'service_unavailable'],
  ['MongoServerSelectionError', 'service_unavailable'],
  ['MongoNetworkTimeoutError', 'timeout'],
  ['ServiceUnavailableError', 'service_unavailable'],
]);

/** How deep causes are followed: fetch wraps the socket's error once, libraries once more. */
const MAX_CAUSES = 5;

/**
 * Sorts an error by, in this order: its code, its HTTP status (`status`, `statusCode`, `response.status`), its name, then the same of its causes;
 * `internal` when nothing speaks. The message is never read. `status` is the answer the request got, for errors that say nothing themselves.
 */
export function classify(error: unknown, status?: number): Classification {
  const type = typeOf(error) ?? (status === undefined ? undefined : typeOfStatus(status)) ?? 'internal';
  return { type, severity: DEFAULT_SEVERITY[type] };
}

function typeOf(error: unknown): ErrorType | undefined {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    if (typeof current !== 'object' || current === null) return undefined;
    const type = ownType(current);
    if (type !== undefined) return type;
    current = field(current, 'cause') ?? firstOf(field(current, 'errors'));
  }
  return undefined;
}

function ownType(error: object): ErrorType | undefined {
  const code = field(error, 'code');
  const byCode = typeof code === 'string' ? BY_CODE.get(code) : undefined;
  if (byCode !== undefined) return byCode;
  const status = statusOf(error);
  const byStatus = status === undefined ? undefined : typeOfStatus(status);
  if (byStatus !== undefined) return byStatus;
  const name = field(error, 'name');
  return typeof name === 'string' ? BY_NAME.get(name) : undefined;
}

/** The HTTP status an error carries, as http-errors, Fastify, axios, undici and fetch helpers write it. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const response = field(error, 'response');
  const candidates = [
    field(error, 'statusCode'),
    field(error, 'status'),
    typeof response === 'object' && response !== null ? field(response, 'status') : undefined,
  ];
  return candidates.find(
    (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599,
  );
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

/** A property of an unknown object; a getter that throws says nothing. */
function field(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}
