import { classify } from '../../classify.ts';
import type { Breadcrumb, ErrorEvent, ErrorFrame, Thrown } from '../../event.ts';
import { isInApp } from '../../grouping/places.ts';
import { isErrorType, isSeverity } from '../../kinds.ts';
import { clip, KEPT } from '../../limits.ts';
import { eventId, hexId } from '../ids.ts';
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
} from '../lenient.ts';
import { contextOf, maskedPairs } from '../mask.ts';

/** What the door knows besides the event. */
export interface SentryOrigin {
  /** Id of the event where it has none. */
  readonly id: string;
  /** When it came, epoch ms. */
  readonly now: number;
  /** The service of a raw name; of the project where the event names none. */
  readonly serviceOf: (named: string) => string;
}

/**
 * An event of a Sentry SDK as ours (develop.sentry.dev, Event Payloads). Every field is optional there, and of any type where a sender is broken:
 * what cannot be read is left out, nothing is refused.
 */
export function fromSentry(event: Loose, origin: SentryOrigin): ErrorEvent {
  const contexts = inner(event, 'contexts');
  const trace = inner(contexts, 'trace');
  const tags = textPairs(field(event, 'tags'), KEPT.tags, KEPT.text);
  const tag = (name: string): string => tags.find(([key]) => key === name)?.[1] ?? '';
  const exceptions = exceptionsOf(event);
  const level = text(event, 'level', 20) || (exceptions.length > 0 ? 'error' : 'info');
  const response = inner(contexts, 'response');
  const found = classify({ exceptions, level, status: count(response, 'status_code') || undefined });
  const [type, severity] = [tag('error.type'), tag('severity')];
  const request = inner(event, 'request');
  return {
    id: eventId(field(event, 'event_id')) ?? origin.id,
    time: timeOf(field(event, 'timestamp')) ?? origin.now,
    origin: 'sentry',
    service: origin.serviceOf(serviceNamed(contexts, tag)),
    environment: text(event, 'environment', KEPT.name) || 'production',
    release: text(event, 'release', KEPT.name),
    type: isErrorType(type) ? type : found.type,
    severity: isSeverity(severity) ? severity : found.severity,
    level,
    logger: text(event, 'logger', KEPT.name),
    exceptions,
    message: messageOf(event),
    transaction: text(event, 'transaction', KEPT.text),
    method: text(request, 'method', 20),
    user: userOf(inner(event, 'user')),
    traceId: hexId(field(trace, 'trace_id'), 32),
    spanId: hexId(field(trace, 'span_id'), 16),
    requestId: tag('request_id') || requestHeader(request, 'x-request-id'),
    correlationId: tag('correlation_id') || requestHeader(request, 'x-correlation-id'),
    instance: text(event, 'server_name', KEPT.name),
    tags: maskedPairs(tags),
    context: contextOf(inner(event, 'extra'), contexts),
    breadcrumbs: breadcrumbsOf(event, origin.now),
    fingerprint: items(event, 'fingerprint', KEPT.fingerprint)
      .map((part) => asText(part, KEPT.text))
      .filter((part) => part !== ''),
    debugIds: debugIdsOf(event),
  };
}

/** `service`, `service.name`, `service_name`; what OpenTelemetry's resource says comes after the tags. */
function serviceNamed(contexts: Loose, tag: (name: string) => string): string {
  const resource = inner(inner(contexts, 'otel'), 'resource');
  return (
    tag('service') || tag('service.name') || tag('service_name') || text(resource, 'service.name', KEPT.name)
  );
}

function messageOf(event: Loose): string {
  const entry =
    field(event, 'logentry') ?? field(event, 'sentry.interfaces.Message') ?? field(event, 'message');
  if (!isLoose(entry)) return asText(entry, KEPT.message);
  return text(entry, 'formatted', KEPT.message) || text(entry, 'message', KEPT.message);
}

function userOf(user: Loose): string {
  for (const key of ['id', 'email', 'username', 'ip_address']) {
    const value = text(user, key, KEPT.name);
    if (value !== '' && value !== '{{auto}}') return value;
  }
  return '';
}

function requestHeader(request: Loose, name: string): string {
  const headers = textPairs(field(request, 'headers'), 100, KEPT.name);
  return headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}

/** The oldest cause comes first there, and the call that began it all. */
function exceptionsOf(event: Loose): Thrown[] {
  const all = items(event, 'exception', 1000);
  const single = field(event, 'exception');
  const values =
    all.length === 0 && isLoose(single) && (Object.hasOwn(single, 'type') || Object.hasOwn(single, 'value'))
      ? [single]
      : all;
  const outermostFirst = values.filter(isLoose).reverse();
  return outermostFirst.slice(0, KEPT.exceptions).map((value) => ({
    // The SDK throws a message itself to know where it came from.
    name:
      text(value, 'type', KEPT.name) ||
      (field(inner(value, 'mechanism'), 'synthetic') === true ? 'Message' : 'Error'),
    message: text(value, 'value', KEPT.message),
    code: text(inner(inner(value, 'mechanism'), 'data'), 'code', KEPT.name),
    frames: framesOf(inner(value, 'stacktrace')),
  }));
}

function framesOf(stacktrace: Loose): ErrorFrame[] {
  return items(stacktrace, 'frames', 1000).filter(isLoose).reverse().slice(0, KEPT.frames).map(frameOf);
}

function frameOf(frame: Loose): ErrorFrame {
  const file = text(frame, 'abs_path', KEPT.text) || text(frame, 'filename', KEPT.text);
  const name = text(frame, 'function', KEPT.name);
  const line = field(frame, 'context_line');
  const lines = (key: string): string[] => items(frame, key, 5).map((text) => asText(text, KEPT.sourceLine));
  return {
    function: name === '?' || name === '<unknown>' ? '' : name,
    file,
    line: count(frame, 'lineno'),
    column: count(frame, 'colno'),
    inApp: isInApp(file, name) && field(frame, 'in_app') !== false,
    ...(typeof line === 'string' && {
      context: {
        pre: lines('pre_context'),
        line: clip(line, KEPT.sourceLine),
        post: lines('post_context'),
      },
    }),
  };
}

function breadcrumbsOf(event: Loose, now: number): Breadcrumb[] {
  return items(event, 'breadcrumbs', 1000)
    .filter(isLoose)
    .slice(-KEPT.breadcrumbs)
    .map((crumb) => ({
      time: timeOf(field(crumb, 'timestamp')) ?? now,
      category: text(crumb, 'category', KEPT.name) || text(crumb, 'type', KEPT.name),
      level: text(crumb, 'level', 20) || 'info',
      message:
        text(crumb, 'message', KEPT.text) ||
        (Object.hasOwn(crumb, 'data') ? (contextOf({ data: field(crumb, 'data') })[0]?.[1] ?? '') : ''),
    }));
}

/** Builds that put an id into their files (TC39 proposal "source map debug ids"). */
function debugIdsOf(event: Loose): [string, string][] {
  return items({ images: field(inner(event, 'debug_meta'), 'images') }, 'images', KEPT.debugIds)
    .filter(isLoose)
    .flatMap((image): [string, string][] => {
      const [file, id] = [text(image, 'code_file', KEPT.text), eventId(field(image, 'debug_id'))];
      return file === '' || id === null ? [] : [[file, id]];
    });
}
