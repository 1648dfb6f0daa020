import { classify } from '../classify.ts';
import type { Breadcrumb, ErrorEvent, Thrown } from '../event.ts';
import { parseStack } from '../grouping/stack.ts';
import { DEFAULT_SEVERITY, ERROR_TYPES, isErrorType, isSeverity, SEVERITIES } from '../kinds.ts';
import { KEPT } from '../limits.ts';
import { eventId, hexId } from './ids.ts';
import {
  asText,
  count,
  field,
  inner,
  isLoose,
  items,
  type Loose,
  text,
  textPairs,
  timeOf,
} from './lenient.ts';
import { contextOf, maskedPairs } from './mask.ts';

export interface JsonOrigin {
  /** Id of an error that has none. */
  readonly id: string;
  readonly now: number;
  readonly serviceOf: (named: string) => string;
}

/**
 * An error as the SDK and anything that can send JSON reports it (docs/errors.md). A text says what is wrong with one that cannot be taken:
 * the field, its value, what was expected.
 */
export function fromJson(value: unknown, origin: JsonOrigin): ErrorEvent | string {
  if (!isLoose(value))
    return `an error is ${Array.isArray(value) ? 'a list' : typeof value}, expected an object`;
  const [type, severity] = [field(value, 'type'), field(value, 'severity')];
  if (type !== undefined && !isErrorType(type))
    return `type ${shown(type)}, expected one of ${ERROR_TYPES.join(', ')}`;
  if (severity !== undefined && !isSeverity(severity))
    return `severity ${shown(severity)}, expected one of ${SEVERITIES.join(', ')}`;
  const timestamp = field(value, 'timestamp') ?? origin.now;
  const time = timeOf(timestamp);
  if (time === null) return `timestamp ${shown(timestamp)}, expected RFC 3339 or epoch seconds`;
  const exceptions = exceptionsOf(value);
  const message = text(value, 'message', KEPT.message);
  if (exceptions.length === 0 && message === '')
    return 'an error has neither name nor message nor stack, expected one of them';
  const level = text(value, 'level', 20) || 'error';
  const found = classify({ exceptions, level, status: count(value, 'status') || undefined });
  return {
    id: eventId(field(value, 'id')) ?? origin.id,
    time,
    origin: field(value, 'sdk') === undefined ? 'json' : 'sdk',
    service: origin.serviceOf(serviceNamed(value)),
    environment: text(value, 'environment', KEPT.name),
    release: text(value, 'release', KEPT.name),
    type: type ?? found.type,
    severity: severity ?? (type === undefined ? found.severity : DEFAULT_SEVERITY[type]),
    level,
    logger: text(value, 'logger', KEPT.name),
    exceptions,
    message: exceptions.length === 0 ? message : '',
    transaction: firstText(value, ['transaction', 'route'], KEPT.text),
    method: text(value, 'method', 20),
    user: userOf(value),
    traceId: hexId(field(value, 'trace_id'), 32),
    spanId: hexId(field(value, 'span_id'), 16),
    requestId: text(value, 'request_id', KEPT.name),
    correlationId: text(value, 'correlation_id', KEPT.name),
    instance: text(value, 'instance', KEPT.name),
    tags: maskedPairs(textPairs(field(value, 'tags'), KEPT.tags, KEPT.text)),
    context: contextOf(inner(value, 'context')),
    breadcrumbs: breadcrumbsOf(value, origin.now),
    fingerprint: items(value, 'fingerprint', KEPT.fingerprint)
      .map((part) => asText(part, KEPT.text))
      .filter((part) => part !== ''),
    debugIds: debugIdsOf(value),
  };
}

function serviceNamed(value: Loose): string {
  return firstText(value, ['service', 'service.name', 'service_name', 'source', 'job'], KEPT.name);
}

function userOf(value: Loose): string {
  return firstText(value, ['user', 'username'], KEPT.name) || text(inner(value, 'user'), 'id', KEPT.name);
}

function firstText(value: Loose, keys: readonly string[], most: number): string {
  return keys.map((key) => text(value, key, most)).find((found) => found !== '') ?? '';
}

function debugIdsOf(value: Loose): [string, string][] {
  return textPairs(field(value, 'debug_ids'), KEPT.debugIds, 100).flatMap(
    ([file, id]): [string, string][] => {
      const known = eventId(id);
      return known === null ? [] : [[file, known]];
    },
  );
}

/** The error itself, then `causes` from the outermost to the first; a stack may tell causes too. */
function exceptionsOf(value: Loose): Thrown[] {
  const own = thrownOf(value);
  if (own.length === 0) return [];
  const causes = items(value, 'causes', KEPT.exceptions)
    .filter(isLoose)
    .flatMap((cause) => thrownOf(cause).slice(0, 1));
  return [...own, ...causes].slice(0, KEPT.exceptions);
}

function thrownOf(value: Loose): Thrown[] {
  const stack = text(value, 'stack', 64_000);
  const [first, ...rest] = stack === '' ? [] : parseStack(stack);
  const name = text(value, 'name', KEPT.name) || (first?.name ?? '');
  if (name === '') return [];
  return [
    {
      name,
      message: text(value, 'message', KEPT.message) || (first?.message ?? ''),
      code: text(value, 'code', KEPT.name),
      frames: [...(first?.frames ?? [])],
    },
    ...rest.map((cause) => ({ ...cause, name: cause.name || 'Error', code: '', frames: [...cause.frames] })),
  ];
}

function breadcrumbsOf(value: Loose, now: number): Breadcrumb[] {
  return items(value, 'breadcrumbs', 1000)
    .filter(isLoose)
    .slice(-KEPT.breadcrumbs)
    .map((crumb) => ({
      time: timeOf(field(crumb, 'timestamp')) ?? now,
      category: text(crumb, 'category', KEPT.name),
      level: text(crumb, 'level', 20) || 'info',
      message: text(crumb, 'message', KEPT.text),
    }));
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 80);
}
