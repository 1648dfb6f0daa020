import pino, { type DestinationStream, type Logger as Pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { ContextStore } from '../context/context.ts';
import type { TraceContext } from '../context/traceparent.ts';
import { maskText, maskValue } from './mask.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogContext = Readonly<Record<string, unknown>>;

/** Writes one JSON object per line: `timestamp, level, service, request_id, trace_id, span_id, username?, message, context{}`. */
export interface Logger {
  trace(message: string, context?: LogContext): void;
  debug(message: string, context?: LogContext): void;
  info(message: string, context?: LogContext): void;
  warn(message: string, context?: LogContext): void;
  error(message: string, context?: LogContext): void;
  fatal(message: string, context?: LogContext): void;
  /** A logger whose lines carry these fields in their `context` too. */
  child(context: LogContext): Logger;
}

export interface LoggerDeps {
  readonly service: string;
  readonly level: LogLevel;
  readonly clock: Clock;
  readonly contexts: ContextStore;
  readonly destination: DestinationStream;
  /** More key names, in lower case, whose values are secrets. */
  readonly maskKeys: ReadonlySet<string>;
}

export function createLogger(deps: LoggerDeps): Logger {
  const { service, level, clock, contexts, destination } = deps;
  const sink = pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => requestFields(contexts),
    },
    destination,
  );
  return wrap(sink, {}, deps);
}

function wrap(sink: Pino, bound: LogContext, deps: LoggerDeps): Logger {
  const { maskKeys, clock, contexts } = deps;
  const at =
    (level: Exclude<LogLevel, 'silent'>) =>
    (message: string, context?: LogContext): void => {
      if (!sink.isLevelEnabled(level)) return;
      const text = printable(maskText(String(message)));
      sink[level]({ context: maskValue({ ...bound, ...context }, maskKeys) }, text);
      contexts.leave({
        timestamp: new Date(clock.now()).toISOString(),
        category: 'log',
        level,
        message: text,
      });
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (context) => wrap(sink, { ...bound, ...context }, deps),
  };
}

function requestFields(contexts: ContextStore): Record<string, string> {
  const context = contexts.get();
  const position = contexts.trace();
  if (context === undefined) return position === undefined ? {} : positionFields(position);
  const fields: Record<string, string> = { request_id: context.requestId };
  if (context.correlationId !== context.requestId) fields.correlation_id = context.correlationId;
  if (position !== undefined) Object.assign(fields, positionFields(position));
  if (context.username !== undefined) fields.username = maskText(context.username).slice(0, 256);
  return fields;
}

function positionFields({ traceId, spanId }: TraceContext): Record<string, string> {
  return { trace_id: traceId, span_id: spanId };
}

/** JSON escapes newlines and ESC; what it lets through (C1 controls, Unicode line separators) is escaped here. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
