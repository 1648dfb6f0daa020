import { z } from 'zod';
import { probeDefinition } from '../definition.ts';
import type { KnownProbe } from '../known.ts';

const status = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);

/** One line of the list. Times in epoch ms, durations in ms. */
export const probeRow = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  target: z.string(),
  service: z.string().nullable(),
  tags: z.array(z.string()),
  status,
  reason: z.string(),
  since: z.number(),
  /** Failed looks in a row that do not make it unhealthy yet. */
  failing: z.number(),
  paused: z.boolean(),
  maintenance: z.boolean(),
  lastLook: z.number().nullable(),
  duration: z.number().nullable(),
  /** Of the last looks, oldest first; null for failed ones. */
  recent: z.array(z.number().nullable()),
  certificateExpiry: z.number().nullable(),
  /** Whether it comes from the configuration file and cannot be changed here. */
  configured: z.boolean(),
});

const counts = z.object({
  all: z.number(),
  healthy: z.number(),
  degraded: z.number(),
  unhealthy: z.number(),
  unknown: z.number(),
  paused: z.number(),
});

export const probeList = z.object({ total: z.number(), counts, probes: z.array(probeRow) });

export const probeDetail = probeRow.extend({
  definition: probeDefinition,
  version: z.number().nullable(),
  failures: z.array(z.object({ at: z.number(), reason: z.string() })),
  /** Where a heartbeat is to be sent, below Pharos' address; null for other probes. */
  heartbeatPath: z.string().nullable(),
});

export const testAnswer = z.object({
  success: z.boolean(),
  reason: z.string(),
  warning: z.string().nullable(),
  duration: z.number(),
  samples: z.array(
    z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() }),
  ),
});

export function rowOf(probe: KnownProbe): z.output<typeof probeRow> {
  const { id, definition, state, last } = probe;
  return {
    id,
    name: definition.name,
    type: definition.type,
    target: probe.compiled.target,
    service: probe.service ?? null,
    tags: definition.tags,
    status: definition.paused ? 'unknown' : state.status,
    reason: state.reason,
    since: state.since,
    failing: state.status === 'unhealthy' ? 0 : state.failures,
    paused: definition.paused,
    maintenance: probe.maintenance,
    lastLook: last?.at ?? null,
    duration: last === null ? null : Math.round(last.seconds * 1e6) / 1000,
    recent: [...probe.recent],
    certificateExpiry: probe.expiry,
    configured: probe.version === null,
  };
}

const SECRET = '<secret>';

/** What is shown of a definition: that there are credentials, not which. */
export function masked(definition: z.output<typeof probeDefinition>): z.output<typeof probeDefinition> {
  if (definition.type !== 'http') return definition;
  const secret = /authorization|cookie|token|key|secret|password/i;
  return {
    ...definition,
    headers: Object.fromEntries(
      Object.entries(definition.headers).map(([name, value]) => [name, secret.test(name) ? SECRET : value]),
    ),
    ...(definition.basic_auth === undefined
      ? {}
      : { basic_auth: { ...definition.basic_auth, password: SECRET } }),
    ...(definition.bearer_token === undefined ? {} : { bearer_token: SECRET }),
  };
}

/** Puts back what was masked when somebody saves what was shown. */
export function unmasked(
  definition: z.output<typeof probeDefinition>,
  before: z.output<typeof probeDefinition>,
): z.output<typeof probeDefinition> {
  if (definition.type !== 'http' || before.type !== 'http') return definition;
  const old = new Map(Object.entries(before.headers));
  return {
    ...definition,
    headers: Object.fromEntries(
      Object.entries(definition.headers).map(([name, value]) => [
        name,
        value === SECRET ? (old.get(name) ?? value) : value,
      ]),
    ),
    ...(definition.basic_auth?.password === SECRET && before.basic_auth !== undefined
      ? { basic_auth: { ...definition.basic_auth, password: before.basic_auth.password } }
      : {}),
    ...(definition.bearer_token === SECRET && before.bearer_token !== undefined
      ? { bearer_token: before.bearer_token }
      : {}),
  };
}
