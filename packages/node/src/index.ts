export type { AdaptiveOptions } from './breaker/adaptive.ts';
export {
  type BreakerOptions,
  CircuitBreaker,
  CircuitOpenError,
  type ExecuteOptions,
  type Fallback,
} from './breaker/breaker.ts';
export {
  type BreakerEffect,
  type BreakerInput,
  type BreakerRules,
  type BreakerState,
  type BreakerStateName,
  type ChangeReason,
  type Counts,
  initialState,
  step,
  type Transition,
} from './breaker/machine.ts';
export { type BreakerHealth, BreakerRegistry, type WatchOptions } from './breaker/registry.ts';
export type {
  BreakerAction,
  BreakerKind,
  BreakerSnapshot,
  BreakerView,
  CallResult,
  SnapshotCounts,
  StateChange,
} from './breaker/view.ts';
export { type Clock, type Random, systemClock, systemRandom, type Timer } from './clock.ts';
export { contextHeaders, type RequestContext } from './context/context.ts';
export { acceptId } from './context/ids.ts';
export type { PropagationOptions } from './context/propagate.ts';
export { formatTraceparent, parseTraceparent, type TraceContext } from './context/traceparent.ts';
export {
  defaultPharos,
  instrumentHttp,
  metricsMiddleware,
  reportActiveUsers,
  reportHealth,
  stopDefaultPharos,
} from './default-instance.ts';
export { ENVIRONMENT, type Environment, type EnvironmentName, parseDuration } from './env.ts';
export type { CapturedError, CaptureOptions, ErrorCapture, ErrorSink, ErrorStats } from './errors/capture.ts';
export {
  type Classification,
  classify,
  DEFAULT_SEVERITY,
  ERROR_TYPES,
  type ErrorType,
  SEVERITIES,
  type Severity,
} from './errors/classify.ts';
export type {
  CheckOptions,
  CheckResult,
  Health,
  HealthCheck,
  HealthReport,
  HealthStatus,
  ProbeReport,
} from './health/health.ts';
export { SERVICE_STATES, type ServiceState } from './health/service-health.ts';
export type { Endpoints, Handler } from './http/endpoints.ts';
export type { FastifyPlugin } from './http/fastify.ts';
export type { Middleware, MiddlewareOptions, Next, RouteOf } from './http/instrument.ts';
export type { Listener } from './http/listener.ts';
export type { LogContext, Logger, LogLevel } from './logs/logger.ts';
export { isSecretKey, MASK, maskText, maskValue } from './logs/mask.ts';
export { OVERFLOW_ROUTE, UNMATCHED_ROUTE } from './metrics/http-metrics.ts';
export type {
  BreakerChannelOptions,
  ErrorOptions,
  HealthOptions,
  LogOptions,
  MetricsOptions,
  PharosOptions,
  PushOptions,
  PushSettings,
  Settings,
  TracingOptions,
} from './options.ts';
export { createPharos, type Pharos } from './pharos.ts';
export type { Delivery, DeliveryAnswer, Transport } from './push/transport.ts';
export { type Policy, type PolicyCallOptions, type PolicyOptions, policy } from './resilience/policy.ts';
export { backoffDelay, type RetryOptions, retry } from './resilience/retry.ts';
export { TimeoutError, type TimeoutOptions, withTimeout } from './resilience/timeout.ts';
export type { SpanOptions } from './tracing/span.ts';
