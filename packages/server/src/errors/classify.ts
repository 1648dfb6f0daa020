import { DEFAULT_SEVERITY, type ErrorType, type Severity } from './kinds.ts';

/** What is known of an error whose sender did not sort it. The outermost comes first. */
interface Described {
  readonly exceptions: readonly { readonly name: string; readonly code?: string | undefined }[];
  /** HTTP status the request was answered with, or undefined. */
  readonly status?: number | undefined;
  /** As the sender graded it: fatal, error, warning, info, debug; empty for none. */
  readonly level: string;
}

const BY_CODE: ReadonlyMap<string, ErrorType> = new Map([
  ...codes('timeout', [
    'ETIMEDOUT',
    'ESOCKETTIMEDOUT',
    'ECONNABORTED',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
    'PHAROS_TIMEOUT',
  ]),
  ...codes('service_unavailable', [
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EPIPE',
    'UND_ERR_SOCKET',
    'UND_ERR_CLOSED',
    'UND_ERR_DESTROYED',
  ]),
  ...codes('circuit_breaker', ['PHAROS_CIRCUIT_OPEN', 'EOPENBREAKER']),
  ...codes('authorization', ['EACCES', 'EPERM']),
]);

/** Names that libraries of several languages use. */
const BY_NAME: readonly (readonly [RegExp, ErrorType])[] = [
  [/(circuit|breaker).*(open|broken)|(open|broken).*(circuit|breaker)/i, 'circuit_breaker'],
  [/timeout|timedout|deadlineexceeded|^AbortError$/i, 'timeout'],
  [/ratelimit|toomanyrequests|throttl/i, 'rate_limit'],
  [
    /unauthorized|authentication|unauthenticated|jsonwebtoken|tokenexpired|^JW[TSE]|invalidtoken/i,
    'authentication',
  ],
  [/forbidden|authorization|permission|accessdenied/i, 'authorization'],
  [/notfound|doesnotexist|nosuch(element|key|file)/i, 'not_found'],
  [/validation|^\$?zoderror$|casterror|badrequest|^URIError$|invalidargument|illegalargument/i, 'validation'],
  [
    /unavailable|connection(error|refused|reset|closed)|connectexception|network(error)?$|serverselection/i,
    'service_unavailable',
  ],
];

const BY_STATUS: ReadonlyMap<number, ErrorType> = new Map<number, ErrorType>([
  [401, 'authentication'],
  [403, 'authorization'],
  [404, 'not_found'],
  [408, 'timeout'],
  [410, 'not_found'],
  [429, 'rate_limit'],
  [502, 'service_unavailable'],
  [503, 'service_unavailable'],
  [504, 'timeout'],
]);

/**
 * Sorts an error by its code, its name, then the same of its causes, then the status of the request; `internal` when nothing speaks. The
 * message is never read. A level `fatal` is critical, `warning` at most medium, `info` and `debug` low; otherwise the type's own severity.
 */
export function classify({ exceptions, status, level }: Described): {
  readonly type: ErrorType;
  readonly severity: Severity;
} {
  const type =
    exceptions.map(ownType).find((found) => found !== undefined) ?? typeOfStatus(status) ?? 'internal';
  return { type, severity: graded(DEFAULT_SEVERITY[type], level) };
}

function ownType({ name, code }: Described['exceptions'][number]): ErrorType | undefined {
  const byCode = code === undefined ? undefined : BY_CODE.get(code);
  return byCode ?? BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
}

function typeOfStatus(status: number | undefined): ErrorType | undefined {
  if (status === undefined || status < 400 || status > 599) return undefined;
  return BY_STATUS.get(status) ?? (status < 500 ? 'validation' : 'internal');
}

function graded(severity: Severity, level: string): Severity {
  if (level === 'fatal' || level === 'critical') return 'critical';
  if (level === 'warning' || level === 'warn') return severity === 'low' ? 'low' : 'medium';
  if (level === 'info' || level === 'debug' || level === 'log') return 'low';
  return severity;
}

function codes(type: ErrorType, names: readonly string[]): (readonly [string, ErrorType])[] {
  return names.map((name) => [name, type] as const);
}
