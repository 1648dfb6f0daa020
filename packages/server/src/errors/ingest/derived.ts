import { classify } from '../classify.ts';
import type { ErrorEvent, Thrown } from '../event.ts';
import { parseStack } from '../grouping/stack.ts';
import { clip, KEPT } from '../limits.ts';
import { derivedId, hexId } from './ids.ts';
import { asText, field, inner, isLoose, type Loose, text } from './lenient.ts';

/** The SDK sends the error itself and names it here, so that its spans and lines are not counted again. */
const CAPTURED = 'pharos.error.id';

/** What a span or a line tells of an error. */
interface ErrorSource {
  /** Canonical. */
  readonly service: string;
  /** Epoch ms. */
  readonly time: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly requestId: string;
  /** Fields of the span, its event or the line, by name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** An exception event of a span as an error; null for one that the SDK sends itself. */
export function fromSpan(
  source: ErrorSource & {
    readonly span: string;
    readonly name: string;
    readonly message: string;
    readonly stack: string;
  },
): ErrorEvent | null {
  if (source.fields.has(CAPTURED)) return null;
  const thrown = thrownOf(source.name, source.message, source.stack);
  return thrown.length === 0 ? null : made(source, 'span', thrown, 'error', source.span);
}

/** An error line as an error; null where it has neither stack nor class, or the SDK sends the error itself. */
export function fromLine(
  source: ErrorSource & { readonly level: string; readonly message: string },
): ErrorEvent | null {
  const { fields } = source;
  if (fields.has(CAPTURED) || fields.has('context_error_captured')) return null;
  const named = (key: string): string =>
    fields.get(`exception.${key}`) ?? fields.get(`exception_${key}`) ?? '';
  const thrown = thrownOf(named('type'), named('message'), named('stacktrace'));
  const found = thrown.length > 0 ? thrown : (fromFields(fields) ?? fromText(source.message));
  return found.length === 0
    ? null
    : made(source, 'log', found, source.level === 'error' ? 'error' : 'fatal', '');
}

/** pino's `err`, winston's `error`, and what nests them under `context`. */
function fromFields(fields: ReadonlyMap<string, string>): Thrown[] | null {
  for (const prefix of ['err_', 'error_', 'context_error_', 'context_err_', '']) {
    const stack = fields.get(`${prefix}stack`) ?? '';
    if (stack === '') continue;
    const name = fields.get(`${prefix}type`) ?? fields.get(`${prefix}name`) ?? '';
    return thrownOf(
      prefix === 'context_error_' ? (fields.get(`${prefix}name`) ?? name) : name,
      fields.get(`${prefix}message`) ?? '',
      stack,
    );
  }
  return null;
}

/** A line that is a stack itself, or JSON with one. */
function fromText(message: string): Thrown[] {
  const trimmed = message.trimStart();
  if (!trimmed.startsWith('{'))
    return thrownOf('', '', /\n[ \t]{1,20}at |Traceback \(most/.test(message) ? message : '');
  const line = parsed(trimmed);
  if (line === null) return [];
  for (const key of ['err', 'error', 'exception']) {
    const error = inner(line, key);
    const stack = text(error, 'stack', 64_000) || text(error, 'stacktrace', 64_000);
    if (stack !== '')
      return thrownOf(
        text(error, 'type', KEPT.name) || text(error, 'name', KEPT.name),
        text(error, 'message', KEPT.message),
        stack,
      );
  }
  return thrownOf('', '', asText(field(line, 'stack'), 64_000));
}

function thrownOf(name: string, message: string, stack: string): Thrown[] {
  const [first, ...causes] = stack === '' ? [] : parseStack(clip(stack, 64_000));
  const known = name || (first?.name ?? '');
  if (known === '') return [];
  return [
    {
      name: clip(known, KEPT.name),
      message: clip(message || (first?.message ?? ''), KEPT.message),
      code: '',
      frames: [...(first?.frames ?? [])],
    },
    ...causes.map((cause) => ({
      ...cause,
      name: cause.name || 'Error',
      code: '',
      frames: [...cause.frames],
    })),
  ];
}

/**
 * One error is told of by every span that it passes and by its log line: those of one service and trace with the same class and message are one.
 * Without a trace the time tells them apart.
 */
function made(
  source: ErrorSource,
  origin: 'span' | 'log',
  exceptions: Thrown[],
  level: string,
  transaction: string,
): ErrorEvent {
  const { service, time, fields } = source;
  const [outer] = exceptions;
  const traceId = hexId(source.traceId, 32);
  const of = (...keys: readonly string[]): string =>
    clip(keys.map((key) => fields.get(key) ?? '').find((value) => value !== '') ?? '', KEPT.name);
  const status = Number(of('http.response.status_code', 'http.status_code')) || undefined;
  return {
    id: derivedId(service, traceId === '' ? String(time) : traceId, outer?.name ?? '', outer?.message ?? ''),
    time,
    origin,
    service,
    environment: of('deployment.environment.name', 'deployment.environment', 'environment'),
    release: of('service.version', 'release', 'version'),
    ...classify({ exceptions, level, status }),
    level,
    logger: of('logger', 'logger_name'),
    exceptions,
    message: '',
    transaction: clip(of('http.route', 'context_route', 'route') || transaction, KEPT.text),
    method: of('http.request.method', 'http.method'),
    user: of('enduser.id', 'user.id', 'username'),
    traceId,
    spanId: hexId(source.spanId, 16),
    requestId: clip(source.requestId || of('request_id', 'http.request.header.x-request-id'), KEPT.name),
    correlationId: of('correlation_id'),
    instance: of('service.instance.id', 'host.name', 'instance'),
    tags: [],
    context: [],
    breadcrumbs: [],
    fingerprint: [],
    debugIds: [],
  };
}

function parsed(text: string): Loose | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLoose(value) ? value : null;
  } catch {
    return null;
  }
}
