import type { z } from 'zod';
import type { MetricFamily } from '../kernel/telemetry.ts';
import type { queue } from './shapes.ts';

export type QueueState = z.output<typeof queue>;

/** Samples of one of our own metrics. */
interface Reading {
  readonly metric: string;
  readonly where?: Readonly<Record<string, string>>;
}

interface QueueSpec {
  readonly what: string;
  readonly unit: QueueState['unit'];
  /** Null where it is not counted how much waits. */
  readonly depth: Reading | null;
  readonly oldest?: Reading;
  /** What did not fit or had to be let go. */
  readonly lost?: Reading;
}

/** Every queue, and which of our own metrics tell of it. */
const QUEUES = {
  journal: {
    what: 'acknowledged rows of every signal on their way to the engine; full, the doors answer 503',
    unit: 'bytes',
    depth: { metric: 'pharos_journal_pending_bytes' },
    oldest: { metric: 'pharos_journal_flush_lag_seconds' },
    lost: { metric: 'pharos_journal_refused_total' },
  },
  logs: {
    what: 'lines held in memory until the engine has them',
    unit: 'bytes',
    depth: { metric: 'pharos_logs_pending_bytes' },
  },
  traces: {
    what: 'spans held in memory until the engine has them',
    unit: 'bytes',
    depth: { metric: 'pharos_traces_pending_bytes' },
  },
  errors: {
    what: 'errors held in memory until the engine has them',
    unit: 'bytes',
    depth: { metric: 'pharos_errors_pending_bytes' },
  },
  events: {
    what: 'events held in memory until the engine has them',
    unit: 'bytes',
    depth: { metric: 'pharos_events_pending_bytes' },
  },
  late_samples: {
    what: 'samples older than what memory holds, until the engine has them',
    unit: 'items',
    depth: { metric: 'pharos_metrics_head_late_samples' },
  },
  engine: {
    what: 'statements that run or wait for a session, by class',
    unit: 'items',
    depth: { metric: 'pharos_engine_queries_inflight' },
  },
  egress: {
    what: 'outgoing requests that wait for a place, by purpose',
    unit: 'items',
    depth: { metric: 'pharos_egress_waiting' },
  },
  probes: {
    what: 'probes that are due and wait for a place',
    unit: 'items',
    depth: { metric: 'pharos_probes_waiting' },
    lost: { metric: 'pharos_probes_missed_total' },
  },
  event_webhooks: {
    what: 'critical events that wait for a webhook',
    unit: 'items',
    depth: { metric: 'pharos_events_webhooks_waiting' },
    lost: { metric: 'pharos_event_webhooks_total', where: { result: 'dropped' } },
  },
  status_page: {
    what: 'notifications to subscribers of the status page',
    unit: 'items',
    depth: { metric: 'pharos_status_page_waiting_notifications' },
    lost: { metric: 'pharos_status_page_notifications_total', where: { outcome: 'dropped' } },
  },
  service_graph: {
    what: 'spans whose other half is waited for, to tell who calls whom',
    unit: 'items',
    depth: { metric: 'pharos_traces_edges_pending' },
    lost: { metric: 'pharos_traces_edges_dropped_total' },
  },
  syslog: {
    what: 'datagrams that wait for the store',
    unit: 'bytes',
    depth: { metric: 'pharos_syslog_queued_bytes' },
    lost: { metric: 'pharos_syslog_dropped_total' },
  },
  log_files: {
    what: 'bytes of followed files that are not read yet; they wait on disk',
    unit: 'bytes',
    depth: { metric: 'pharos_log_files_behind_bytes' },
    lost: { metric: 'pharos_log_files_dropped_bytes_total' },
  },
  remote_write: {
    what: 'samples that are to be sent on; they wait in the journal',
    unit: 'items',
    depth: null,
    oldest: { metric: 'pharos_forward_behind_seconds' },
    lost: { metric: 'pharos_forward_samples_dropped_total' },
  },
  live_stream: {
    what: 'messages to open dashboards; a slow reader loses some and is told',
    unit: 'items',
    depth: null,
    lost: { metric: 'pharos_http_stream_dropped_total' },
  },
  log_tails: {
    what: 'lines to readers of a live tail; a slow one loses some and is told',
    unit: 'items',
    depth: null,
    lost: { metric: 'pharos_logs_tail_dropped_total' },
  },
} satisfies Readonly<Record<string, QueueSpec>>;

type QueueName = keyof typeof QUEUES;

/** How much a queue may hold, in its unit, where it is configured. */
export type QueueLimits = Readonly<Partial<Record<QueueName, number>>>;

/** Every queue as our own metrics tell of it. A queue of a part that does not run has no metrics, and is left out. */
export function queuesOf(families: readonly MetricFamily[], limits: QueueLimits): QueueState[] {
  const byName = new Map(families.map((family) => [family.name, family]));
  const limitOf = new Map<string, number>(Object.entries(limits));
  return Object.entries<QueueSpec>(QUEUES).flatMap(([name, spec]) => {
    const { what, unit, depth, oldest, lost } = spec;
    const first = depth ?? oldest ?? lost;
    if (first === undefined || !byName.has(first.metric)) return [];
    const values = (reading: Reading) => valuesOf(byName.get(reading.metric), reading);
    const waiting = depth === null ? null : values(depth);
    return [
      {
        name,
        what,
        unit,
        depth: waiting === null ? null : sum(waiting),
        capacity: limitOf.get(name) ?? null,
        oldestSeconds: oldest === undefined ? null : Math.max(0, ...values(oldest).map(({ value }) => value)),
        lost: lost === undefined ? null : sum(values(lost)),
        parts: waiting === null ? {} : partsOf(waiting),
      },
    ];
  });
}

interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function valuesOf(family: MetricFamily | undefined, { where = {} }: Reading): readonly Value[] {
  const wanted = Object.entries(where);
  return (family?.samples ?? []).filter(({ labels }) =>
    wanted.every(([name, value]) => labels[name] === value),
  );
}

function sum(values: readonly Value[]): number {
  return values.reduce((total, { value }) => total + value, 0);
}

/** By the value of the only label, where there is one. */
function partsOf(values: readonly Value[]): Record<string, number> {
  return Object.fromEntries(
    values.flatMap(({ labels, value }): [string, number][] => {
      const [part, ...others] = Object.values(labels);
      return part === undefined || others.length > 0 ? [] : [[part, value]];
    }),
  );
}
