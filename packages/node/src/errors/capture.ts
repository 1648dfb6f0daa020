import { randomUUID } from 'node:crypto';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Breadcrumb, ContextStore, RequestContext } from '../context/context.ts';
import type { Logger } from '../logs/logger.ts';
import { maskText, maskValue } from '../logs/mask.ts';
import {
  classify,
  DEFAULT_SEVERITY,
  ERROR_TYPES,
  type ErrorType,
  type Severity,
  typeOfStatus,
} from './classify.ts';
import { ErrorWindow } from './window.ts';

/** An error as it is kept and sent; secrets are masked, texts bounded. */
export interface CapturedError {
  readonly id: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly service: string;
  readonly type: ErrorType;
  readonly severity: Severity;
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly request_id?: string | undefined;
  readonly correlation_id?: string | undefined;
  readonly trace_id?: string | undefined;
  readonly span_id?: string | undefined;
  readonly username?: string | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly context?: unknown;
  /** What caused it, the outermost first. */
  readonly causes?: readonly Pick<CapturedError, 'name' | 'message' | 'stack' | 'code'>[] | undefined;
  /** What the request did before, the oldest first. */
  readonly breadcrumbs?: readonly Breadcrumb[] | undefined;
}

/** Where captured errors go besides the ring buffer. Called for each error; what it throws is dropped. */
export interface ErrorSink {
  send(error: CapturedError): void;
}

export interface CaptureOptions {
  readonly type?: ErrorType | undefined;
  readonly severity?: Severity | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** The status the request was answered with, for errors that say nothing themselves. */
  readonly status?: number | undefined;
}

export interface ErrorStats {
  /** Since the start, by type and severity. */
  readonly counts: readonly {
    readonly type: ErrorType;
    readonly severity: Severity;
    readonly count: number;
  }[];
  /** Errors per request over the window, 0..1, by type. */
  readonly rates: Readonly<Record<ErrorType, number>>;
  readonly total: number;
}

export interface ErrorsDeps {
  readonly service: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly contexts: ContextStore;
  readonly logger: Logger;
  /** How many errors are kept; the oldest give way. */
  readonly bufferSize: number;
  /** Window of `error_rate` in milliseconds. */
  readonly windowMs: number;
  readonly sinks: readonly ErrorSink[];
  readonly maskKeys: ReadonlySet<string>;
  /** Whether the errors go to Pharos by themselves: spans and log lines then say so, and are not counted again. */
  readonly sent: boolean;
}

/** Counts, keeps and hands on the errors of one service. */
export class ErrorCapture {
  readonly #deps: ErrorsDeps;
  readonly #window: ErrorWindow;
  readonly #recent: CapturedError[] = [];
  readonly #counts = new Map<string, { type: ErrorType; severity: Severity; count: number }>();
  readonly #total: Counter<'type' | 'severity'>;

  constructor(deps: ErrorsDeps) {
    this.#deps = deps;
    this.#window = new ErrorWindow(deps.windowMs);
    const { registry, service, clock } = deps;
    const window = this.#window;
    this.#total = new Counter({
      name: 'errors_total',
      help: 'Errors by type and severity.',
      labelNames: ['type', 'severity'],
      registers: [registry],
    });
    new Gauge({
      name: 'error_rate',
      help: 'Requests that ended in an error of this type, as a ratio of all requests of the last minute.',
      labelNames: ['service', 'type'],
      registers: [registry],
      collect() {
        for (const type of ERROR_TYPES) this.set({ service, type }, window.rate(type, clock.monotonic()));
      },
    });
  }

  /** Counts, keeps, logs and hands on an error. Never throws. Returns what was kept. */
  capture(error: unknown, options: CaptureOptions = {}): CapturedError {
    const context = this.#deps.contexts.get();
    const captured = describe(error, options, context, this.#deps);
    if (context !== undefined) {
      context.captured++;
      context.errorType ??= captured.type;
    }
    this.#count(captured.type, captured.severity);
    this.#recent.push(captured);
    if (this.#recent.length > this.#deps.bufferSize) this.#recent.shift();
    const { type, severity, name, message, stack, code } = captured;
    const level = severity === 'low' ? 'info' : severity === 'medium' ? 'warn' : 'error';
    const { sent } = this.#deps;
    this.#deps.logger[level](message, {
      error: { id: captured.id, type, severity, name, code, stack, ...(sent && { captured: true }) },
    });
    this.#deps.contexts.span()?.addEvent('exception', {
      'exception.type': name,
      'exception.message': message,
      ...(stack !== undefined && { 'exception.stacktrace': stack }),
      ...(sent && { 'pharos.error.id': captured.id }),
    });
    for (const sink of this.#deps.sinks) hand(sink, captured);
    return captured;
  }

  /** Counts a finished request; one answered with 400 or more whose error was not captured is counted by its status. */
  requestFinished(status: number, context: RequestContext | undefined): void {
    const now = this.#deps.clock.monotonic();
    const byStatus = typeOfStatus(status);
    if (byStatus === undefined) {
      this.#window.record(now);
      return;
    }
    const type = context?.errorType ?? byStatus;
    if (context === undefined || context.captured === 0) this.#count(type, DEFAULT_SEVERITY[type]);
    this.#window.record(now, type);
  }

  /** Newest first. */
  recent(limit = this.#deps.bufferSize): CapturedError[] {
    return this.#recent.slice(-Math.max(0, limit) || this.#recent.length).reverse();
  }

  stats(): ErrorStats {
    const now = this.#deps.clock.monotonic();
    const counts = Array.from(this.#counts.values(), (entry) => ({ ...entry }));
    const rate = (type: ErrorType): number => this.#window.rate(type, now);
    const rates: Record<ErrorType, number> = {
      authentication: rate('authentication'),
      authorization: rate('authorization'),
      validation: rate('validation'),
      service_unavailable: rate('service_unavailable'),
      timeout: rate('timeout'),
      rate_limit: rate('rate_limit'),
      circuit_breaker: rate('circuit_breaker'),
      internal: rate('internal'),
      not_found: rate('not_found'),
    };
    return { counts, rates, total: counts.reduce((sum, { count }) => sum + count, 0) };
  }

  #count(type: ErrorType, severity: Severity): void {
    this.#total.inc({ type, severity });
    const key = `${type} ${severity}`;
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { type, severity, count: 1 });
    else entry.count++;
  }
}

function hand(sink: ErrorSink, captured: CapturedError): void {
  try {
    sink.send(captured);
  } catch {
    // A sink that fails must not turn one error into two.
  }
}

function describe(
  error: unknown,
  options: CaptureOptions,
  context: RequestContext | undefined,
  deps: ErrorsDeps,
): CapturedError {
  const found = classify(error, options.status);
  const type = options.type ?? found.type;
  const position = deps.contexts.trace();
  return {
    id: randomUUID(),
    timestamp: new Date(deps.clock.now()).toISOString(),
    service: deps.service,
    type,
    severity: options.severity ?? DEFAULT_SEVERITY[type],
    ...describeThrown(error),
    causes: causesOf(error),
    ...describeRequest(context),
    trace_id: position?.traceId,
    span_id: position?.spanId,
    breadcrumbs: context?.crumbs === undefined ? undefined : [...context.crumbs],
    context: options.context === undefined ? undefined : maskValue(options.context, deps.maskKeys),
  };
}

function describeThrown(error: unknown): Pick<CapturedError, 'name' | 'message' | 'stack' | 'code'> {
  if (!(error instanceof Error)) return { name: typeof error, message: maskText(textOf(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name: maskText(String(error.name)).slice(0, 200),
    message: maskText(String(error.message)),
    stack: typeof error.stack === 'string' ? maskText(error.stack) : undefined,
    code: code === undefined ? undefined : maskText(code).slice(0, 200),
  };
}

/** How deep causes are told. */
const MAX_CAUSES = 5;

function causesOf(error: unknown): CapturedError['causes'] {
  const causes: Pick<CapturedError, 'name' | 'message' | 'stack' | 'code'>[] = [];
  let current = error;
  while (current instanceof Error && current.cause !== undefined && causes.length < MAX_CAUSES) {
    current = current.cause;
    causes.push(describeThrown(current));
  }
  return causes.length === 0 ? undefined : causes;
}

function describeRequest(context: RequestContext | undefined): Partial<CapturedError> {
  if (context === undefined) return {};
  const { requestId, correlationId, username, method, route } = context;
  return {
    request_id: requestId,
    correlation_id: correlationId,
    username: username === undefined ? undefined : maskText(username).slice(0, 256),
    method,
    route,
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(maskValue(value)) ?? String(value);
  } catch {
    return '[unprintable]';
  }
}
