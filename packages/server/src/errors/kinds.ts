/** The nine types of errors, with what an error of each asks for unless its sender says otherwise; the SDK has the same table. */
export const DEFAULT_SEVERITY = {
  authentication: 'medium',
  authorization: 'medium',
  validation: 'low',
  service_unavailable: 'critical',
  timeout: 'high',
  rate_limit: 'medium',
  circuit_breaker: 'high',
  internal: 'high',
  not_found: 'low',
} as const;

export type ErrorType = keyof typeof DEFAULT_SEVERITY;
export type Severity = (typeof SEVERITIES)[number];

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
] as const satisfies readonly ErrorType[];

/** low = no action, medium = monitor, high = investigate, critical = act now. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

export function isErrorType(text: unknown): text is ErrorType {
  return typeof text === 'string' && Object.hasOwn(DEFAULT_SEVERITY, text);
}

export function isSeverity(text: unknown): text is Severity {
  return SEVERITIES.some((severity) => severity === text);
}
