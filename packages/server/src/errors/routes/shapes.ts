import { z } from 'zod';
import { iso } from '../../http/times.ts';
import type { ErrorEvent } from '../event.ts';
import { titleOf } from '../event.ts';
import { type ErrorGroup, HOUR_MS, rateOf, trendOf } from '../groups/group.ts';
import { GROUP_STATUSES, type GroupState } from '../groups/state.ts';
import { ERROR_TYPES, SEVERITIES } from '../kinds.ts';
import type { StoredError } from '../store/chunk.ts';

const counted = z.array(z.object({ name: z.string(), count: z.number() }));

export const groupShape = z.object({
  id: z.string(),
  name: z.string(),
  message: z.string(),
  culprit: z.string().describe('Where it is thrown: function and module, or the route.'),
  type: z.enum(ERROR_TYPES),
  severity: z.enum(SEVERITIES),
  status: z.enum(GROUP_STATUSES),
  first_seen: z.string(),
  last_seen: z.string(),
  count: z.number(),
  rate_per_minute: z.number().describe('Over the last hour.'),
  users: z.number(),
  users_exact: z.boolean().describe('False for an estimate, within a few percent.'),
  services: z.array(z.string()),
  releases: z.array(z.string()).describe('The newest first.'),
  trend: z
    .object({ start: z.string(), step_seconds: z.number(), counts: z.array(z.number()) })
    .describe('The last 24 hours.'),
});

export const groupDetail = groupShape.extend({
  grouping: z
    .object({ version: z.number(), parts: z.array(z.string()) })
    .describe('What events of this group have in common.'),
  state: z.object({
    status: z.enum(GROUP_STATUSES),
    at: z.string().nullable(),
    by: z.string(),
    release: z.string().nullable().describe('Resolved in it, or returned in it.'),
    in_next_release: z.boolean(),
    until: z.string().nullable(),
    until_count: z.number().nullable(),
  }),
  environments: counted,
  origins: counted.describe('By which doors its events came.'),
  release_details: z.array(
    z.object({ name: z.string(), first_seen: z.string(), last_seen: z.string(), count: z.number() }),
  ),
  week: z
    .object({ start: z.string(), step_seconds: z.number(), counts: z.array(z.number()) })
    .describe('The last 7 days.'),
  merged: z.array(z.string()).describe('Ids of the groups that became part of this one.'),
  latest_event: z.string(),
  first_event: z.string(),
  audit: z
    .array(z.object({ at: z.string(), by: z.string(), action: z.string(), detail: z.string() }))
    .describe('Newest first.'),
});

const frameShape = z.object({
  function: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  in_app: z.boolean(),
  context: z.object({ pre: z.array(z.string()), line: z.string(), post: z.array(z.string()) }).nullable(),
  generated: z
    .object({ function: z.string(), file: z.string(), line: z.number(), column: z.number() })
    .nullable(),
});

export const eventSummary = z.object({
  id: z.string(),
  group: z.string(),
  timestamp: z.string(),
  service: z.string(),
  type: z.enum(ERROR_TYPES),
  severity: z.enum(SEVERITIES),
  name: z.string(),
  message: z.string(),
  environment: z.string(),
  release: z.string(),
  user: z.string(),
  transaction: z.string(),
  method: z.string(),
  trace_id: z.string(),
  span_id: z.string(),
  request_id: z.string(),
  correlation_id: z.string(),
  origin: z.string(),
});

const named = z.array(z.object({ name: z.string(), value: z.string() }));

export const eventDetail = eventSummary.extend({
  level: z.string(),
  logger: z.string(),
  instance: z.string(),
  exceptions: z.array(
    z.object({ name: z.string(), message: z.string(), code: z.string(), frames: z.array(frameShape) }),
  ),
  tags: named,
  context: named.describe('Values are JSON.'),
  breadcrumbs: z.array(
    z.object({ timestamp: z.string(), category: z.string(), level: z.string(), message: z.string() }),
  ),
});

const DAY_STEPS = 24;
const WEEK_STEPS = 84;

export function renderGroup(group: ErrorGroup, now: number): z.input<typeof groupShape> {
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return {
    id: group.id,
    name: group.name,
    message: group.message,
    culprit: group.culprit,
    type: group.type,
    severity: group.severity,
    status: group.state.status,
    first_seen: iso(group.firstSeen),
    last_seen: iso(group.lastSeen),
    count: group.count,
    rate_per_minute: rateOf(group, now),
    users: group.users.count,
    users_exact: group.users.isExact,
    services: [...group.services.keys()].filter((service) => service !== ''),
    releases: releasesOf(group).map(({ name }) => name),
    trend: {
      start: iso(last - (DAY_STEPS - 1) * HOUR_MS),
      step_seconds: HOUR_MS / 1000,
      counts: trendOf(group.hours, HOUR_MS, DAY_STEPS, now),
    },
  };
}

export function renderDetail(group: ErrorGroup, now: number): z.input<typeof groupDetail> {
  const step = 2 * HOUR_MS;
  return {
    ...renderGroup(group, now),
    grouping: { version: group.version, parts: [...group.parts] },
    state: renderState(group.state),
    environments: countedOf(group.environments),
    origins: countedOf(group.origins),
    release_details: releasesOf(group).map(({ name, first, last, count }) => ({
      name,
      first_seen: iso(first),
      last_seen: iso(last),
      count,
    })),
    week: {
      start: iso(Math.floor(now / step) * step - (WEEK_STEPS - 1) * step),
      step_seconds: step / 1000,
      counts: trendOf(group.hours, step, WEEK_STEPS, now),
    },
    merged: [...group.merged],
    latest_event: group.latest,
    first_event: group.first,
    audit: group.audit.map((entry) => ({ ...entry, at: iso(entry.at) })).reverse(),
  };
}

function renderState(state: GroupState): z.input<typeof groupDetail>['state'] {
  return {
    status: state.status,
    at: 'at' in state ? iso(state.at) : null,
    by: 'by' in state ? state.by : '',
    release: ('release' in state ? state.release : undefined) ?? null,
    in_next_release: state.status === 'resolved' && state.after !== undefined,
    until: state.status === 'ignored' && state.until !== undefined ? iso(state.until) : null,
    until_count: (state.status === 'ignored' ? state.untilCount : undefined) ?? null,
  };
}

function releasesOf(group: ErrorGroup) {
  return [...group.releases].map(([name, seen]) => ({ name, ...seen })).sort((a, b) => b.first - a.first);
}

function countedOf(counts: ReadonlyMap<string, number>) {
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}

export function renderEvent({ group, event }: StoredError): z.input<typeof eventSummary> {
  const { name, message } = titleOf(event);
  return {
    id: event.id,
    group,
    timestamp: iso(event.time),
    service: event.service,
    type: event.type,
    severity: event.severity,
    name,
    message,
    environment: event.environment,
    release: event.release,
    user: event.user,
    transaction: event.transaction,
    method: event.method,
    trace_id: event.traceId,
    span_id: event.spanId,
    request_id: event.requestId,
    correlation_id: event.correlationId,
    origin: event.origin,
  };
}

export function renderEventDetail(
  error: StoredError,
  event: ErrorEvent = error.event,
): z.input<typeof eventDetail> {
  return {
    ...renderEvent(error),
    level: event.level,
    logger: event.logger,
    instance: event.instance,
    exceptions: event.exceptions.map(({ frames, ...thrown }) => ({
      ...thrown,
      frames: frames.map(({ inApp, context, generated, ...frame }) => ({
        ...frame,
        in_app: inApp,
        context: context ?? null,
        generated: generated ?? null,
      })),
    })),
    tags: event.tags.map(([name, value]) => ({ name, value })),
    context: event.context.map(([name, value]) => ({ name, value })),
    breadcrumbs: event.breadcrumbs.map(({ time, ...crumb }) => ({ ...crumb, timestamp: iso(time) })),
  };
}
