import { z } from 'zod';
import { INSTANCE_STATUS, type Instance } from './fleet.ts';
import { ACTIONS, action, byBadness, type Counts, counts, type State, state, ZERO_COUNTS } from './model.ts';
import type { SeenBreaker } from './series.ts';

const time = z.string().nullable();

const instanceView = z.object({
  instance: z.string(),
  version: z.string(),
  status: z.enum(INSTANCE_STATUS),
  last_seen: time,
  state,
  forced: z.boolean(),
  forced_until: time,
  last_change: time,
  counts,
  commands: z.boolean().describe('Whether this instance takes commands.'),
});

export const breakerView = z.object({
  service: z.string().describe('Whose breaker it is.'),
  name: z.string(),
  upstream: z.string().describe('What it protects.'),
  kind: z
    .string()
    .describe('pharos, opossum, cockatiel, resilience4j, or series where only its series is known.'),
  source: z.enum(['channel', 'series']),
  state: state.describe('Of the worst living instance.'),
  since: time.describe(
    'When that instance came into the state; null when it never changed, or is not known.',
  ),
  forced: z.boolean(),
  forced_until: time,
  counts,
  actions: z.array(action).describe('What it can be told; empty where only its series is known.'),
  settings: z.record(z.string(), z.number()),
  instances: z.array(instanceView).describe('Worst first.'),
});
export type BreakerView = z.output<typeof breakerView>;
type InstanceView = BreakerView['instances'][number];

/** One row per owner and breaker, the worst first, out of what instances said and what series show. */
export function fleetView(
  instances: readonly Instance[],
  seen: readonly SeenBreaker[],
  canonical: (name: string) => string,
): BreakerView[] {
  const rows = new Map<string, BreakerView>();
  const keyOf = (service: string, name: string): string => `${service}\u0000${name}`;
  for (const instance of instances)
    for (const breaker of instance.breakers) {
      const key = keyOf(instance.service, breaker.name);
      const row = rows.get(key) ?? emptyRow(instance.service, breaker.name, breaker.kind, 'channel');
      const commands = instance.commandable && instance.status === 'live';
      row.upstream = breaker.service;
      if (commands)
        row.actions = ACTIONS.filter((one) => row.actions.includes(one) || breaker.actions.includes(one));
      row.settings = breaker.settings;
      row.instances.push({
        instance: instance.instance,
        version: instance.version,
        status: instance.status,
        last_seen: new Date(instance.lastSeen).toISOString(),
        state: breaker.state,
        forced: breaker.forced,
        forced_until: breaker.forced_until,
        last_change: breaker.last_change,
        counts: breaker.counts,
        commands,
      });
      rows.set(key, row);
    }
  const told = new Set(rows.keys());
  for (const { service, name, instance, kind, state: at, forced } of seen) {
    const key = keyOf(service, name);
    if (told.has(key)) continue;
    const row = rows.get(key) ?? emptyRow(service, name, kind, 'series');
    row.upstream = canonical(name.replace(/-client$/, ''));
    row.instances.push({ ...UNKNOWN_INSTANCE, instance, state: at, forced });
    rows.set(key, row);
  }
  return Array.from(rows.values(), summed).sort(worstRowFirst);
}

const UNKNOWN_INSTANCE = {
  version: '',
  status: 'live',
  last_seen: null,
  forced_until: null,
  last_change: null,
  counts: ZERO_COUNTS,
  commands: false,
} as const satisfies Partial<InstanceView>;

function emptyRow(service: string, name: string, kind: string, source: BreakerView['source']): BreakerView {
  return {
    service,
    name,
    upstream: name,
    kind,
    source,
    state: 'CLOSED',
    since: null,
    forced: false,
    forced_until: null,
    counts: ZERO_COUNTS,
    actions: [],
    settings: {},
    instances: [],
  };
}

/** The state is the worst living instance's; where none lives, the worst of what they last said. */
function summed(row: BreakerView): BreakerView {
  const instances = row.instances.toSorted(
    (a, b) =>
      STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
      byBadness(a, b) ||
      (a.instance < b.instance ? -1 : 1),
  );
  const living = instances.filter(({ status }) => status === 'live');
  const [worst] = instances;
  return {
    ...row,
    instances,
    state: worst.state,
    since: worst.last_change,
    forced: worst.forced,
    forced_until: worst.forced_until,
    counts: living.map((one) => one.counts).reduce(sum, ZERO_COUNTS),
  };
}

const STATUS_ORDER = { live: 0, silent: 1, left: 2 } as const;

function sum(a: Counts, b: Counts): Counts {
  return {
    requests: countOf(a.requests + b.requests),
    total_successes: countOf(a.total_successes + b.total_successes),
    total_failures: countOf(a.total_failures + b.total_failures),
    consecutive_successes: Math.max(a.consecutive_successes, b.consecutive_successes),
    consecutive_failures: Math.max(a.consecutive_failures, b.consecutive_failures),
  };
}

/** One instance may say as much as a number can tell exactly: their sum must not be more than an answer may have. */
function countOf(sum: number): number {
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}

function worstRowFirst(a: BreakerView, b: BreakerView): number {
  const gone = (row: BreakerView): number => (row.instances.some(({ status }) => status === 'live') ? 0 : 1);
  return (
    gone(a) - gone(b) ||
    byBadness(a, b) ||
    a.service.localeCompare(b.service, 'en') ||
    a.name.localeCompare(b.name, 'en')
  );
}

/** A row as `/monitoring/circuit-breakers` has it: `service` is the protected upstream, the figures are the worst instance's. */
export const monitoringRow = z.object({
  service: z.string(),
  name: z.string(),
  state,
  counts,
  last_change: time,
});

export function monitoringRows(rows: readonly BreakerView[]): z.output<typeof monitoringRow>[] {
  return rows
    .filter(({ instances }) => instances.some(({ status }) => status === 'live'))
    .map(({ upstream, name, instances: [worst] }) => ({
      service: upstream,
      name,
      state: worst.state,
      counts: worst.counts,
      last_change: worst.last_change,
    }));
}

/** How the breakers of one service stand, for whoever judges the service as a whole. */
export interface ServiceBreakers {
  readonly service: string;
  /** Of its worst breaker. */
  readonly state: State;
  /** In words, worst first: one for each breaker that is not closed, or is held. */
  readonly reasons: readonly {
    readonly breaker: string;
    readonly upstream: string;
    readonly state: State;
    readonly forced: boolean;
    readonly text: string;
    readonly since: string | null;
  }[];
}

export function serviceBreakers(rows: readonly BreakerView[]): ServiceBreakers[] {
  const byService = new Map<string, BreakerView[]>();
  for (const row of rows) {
    if (!row.instances.some(({ status }) => status === 'live')) continue;
    const own = byService.get(row.service);
    if (own === undefined) byService.set(row.service, [row]);
    else own.push(row);
  }
  return Array.from(byService, ([service, own]) => ({
    service,
    state: own[0].state,
    reasons: own
      .filter((row) => row.state !== 'CLOSED' || row.forced)
      .map((row) => ({
        breaker: row.name,
        upstream: row.upstream,
        state: row.state,
        forced: row.forced,
        text: inWords(row),
        since: row.since,
      })),
  }));
}

const WORDS: Readonly<Record<State, string>> = { CLOSED: 'closed', HALF_OPEN: 'half-open', OPEN: 'open' };

/** Instances that are named; the rest is counted. */
const MOST_NAMED = 3;

function inWords({ name, upstream, state: at, forced, instances, settings }: BreakerView): string {
  const living = instances.filter(({ status }) => status === 'live');
  const same = living.filter((one) => one.state === at).map(({ instance }) => instance);
  const named = same.slice(0, MOST_NAMED).join(', ');
  const more = same.length > MOST_NAMED ? ` and ${same.length - MOST_NAMED} more` : '';
  const limit = settings['failureThreshold'];
  const why = forced
    ? ', held so by command'
    : at === 'OPEN' && limit !== undefined
      ? ` after ${limit} failed calls in a row`
      : '';
  return `the circuit breaker ${name} before ${upstream} is ${WORDS[at]} on ${same.length} of ${living.length} instances (${named}${more})${why}`;
}
