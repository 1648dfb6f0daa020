import { z } from 'zod';
import { maskedText } from '../../kernel/config/mask.ts';
import { probeDefinition } from '../definition.ts';
import { probeErrors } from '../errors.ts';
import type { KnownProbe } from '../known.ts';
import { maintenanceWindow } from '../maintenance.ts';
import type { KnownWindow } from '../maintenance-book.ts';
import type { ProbeResult } from '../probers/types.ts';

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
    target: maskedText(definition.target),
    headers: Object.fromEntries(
      Object.entries(definition.headers).map(([name, value]) => [name, secret.test(name) ? SECRET : value]),
    ),
    ...(definition.basic_auth === undefined
      ? {}
      : { basic_auth: { ...definition.basic_auth, password: SECRET } }),
    ...(definition.bearer_token === undefined ? {} : { bearer_token: SECRET }),
  };
}

type Definition = z.output<typeof probeDefinition>;
type HttpDefinition = Extract<Definition, { type: 'http' }>;

/**
 * Puts back what was masked when somebody saves or tests what was shown. Throws `invalid` when it would go to another host than it was
 * given for: whoever may edit a probe must not learn its secrets that way.
 */
export function unmasked(definition: Definition, before: Definition | undefined): Definition {
  if (definition.type !== 'http') return definition;
  const left = maskedFields(definition);
  if (left.length === 0) return definition;
  if (before?.type !== 'http' || originOf(before.target) !== originOf(definition.target))
    throw probeErrors.make('invalid', `${left.join(', ')}: enter it again, it was given for another host`, {
      details: {
        problems: left.map((field) => ({
          field: `body.${field}`,
          problem: 'enter it again, it was given for another host',
        })),
      },
    });
  const old = new Map(Object.entries(before.headers));
  const target = unmaskedTarget(definition.target, before.target);
  if (isMasked(target)) throw unknownSecret();
  return {
    ...definition,
    target,
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

/** The login of an address, and the parameters of its query, as they were. */
function unmaskedTarget(target: string, before: string): string {
  if (!isMasked(target)) return target;
  if (target === maskedText(before)) return before;
  const [url, old] = [new URL(target), new URL(before)];
  if (url.password === encodeURIComponent(SECRET)) url.password = old.password;
  if (url.username === encodeURIComponent(SECRET)) url.username = old.username;
  const taken = new Map<string, number>();
  const params = [...url.searchParams].map(([name, value]): [string, string] => {
    const place = taken.get(name) ?? 0;
    taken.set(name, place + 1);
    return [name, value === SECRET ? (old.searchParams.getAll(name)[place] ?? value) : value];
  });
  url.search = new URLSearchParams(params).toString();
  return url.href;
}

function isMasked(target: string): boolean {
  return target.includes(SECRET) || target.includes(encodeURIComponent(SECRET));
}

function unknownSecret(): Error {
  const problem = `${SECRET} stands where the address had no secret before: enter what is meant`;
  return probeErrors.make('invalid', `target: ${problem}`, {
    details: { problems: [{ field: 'body.target', problem }] },
  });
}

function maskedFields({ target, headers, basic_auth: basic, bearer_token: token }: HttpDefinition): string[] {
  return [
    ...(isMasked(target) ? ['target'] : []),
    ...Object.entries(headers)
      .filter(([, value]) => value === SECRET)
      .map(([name]) => `headers.${name}`),
    ...(basic?.password === SECRET ? ['basic_auth.password'] : []),
    ...(token === SECRET ? ['bearer_token'] : []),
  ];
}

function originOf(target: string): string {
  return new URL(target).origin;
}

/** Maintenance windows as they are listed. */
export const windowRow = z.object({
  id: z.string(),
  window: maintenanceWindow,
  version: z.number().nullable(),
  open: z.boolean(),
  /** Whether it comes from the configuration file and cannot be changed here. */
  configured: z.boolean(),
});

export const windowList = z.object({ windows: z.array(windowRow) });

export function windowOf({ id, window, version, open }: KnownWindow): z.output<typeof windowRow> {
  return { id, window, version, open, configured: version === null };
}

export function testAnswerOf({
  result,
  seconds,
}: {
  readonly result: ProbeResult;
  readonly seconds: number;
}): z.output<typeof testAnswer> {
  return {
    success: result.success,
    reason: result.reason,
    warning: result.warning,
    duration: seconds * 1000,
    samples: result.samples
      .filter(({ value }) => Number.isFinite(value))
      .map(({ name, labels, value }) => ({ name, labels: { ...labels }, value })),
  };
}
