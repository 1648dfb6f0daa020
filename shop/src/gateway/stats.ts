import type { Backend } from './routes-table.ts';
import { BACKENDS } from './routes-table.ts';

const SLOT_MS = 5_000;
const SLOTS = 12;
/** The window of every rate on `/monitoring`: short, so that a recovery shows within a minute. */
export const WINDOW_SECONDS = (SLOT_MS * SLOTS) / 1000;
const KEPT_ERRORS = 500;

interface Slot {
  readonly index: number;
  requests: number;
  failures: number;
  totalMs: number;
}

/** A request that failed, as `/monitoring/errors/details` shows it. */
export interface ErrorDetail {
  readonly timestamp: string;
  readonly service: string;
  readonly type: string;
  readonly severity: string;
  readonly status: number;
  readonly method: string;
  readonly route: string;
  readonly message: string;
  readonly request_id: string;
}

export interface BackendFigures {
  readonly requests: number;
  readonly failures: number;
  /** Failures per request, 0..1; 0 without any request. */
  readonly errorRate: number;
  /** Mean milliseconds; null without any request. */
  readonly meanMs: number | null;
}

/** The gateway's own counters: they live without Pharos, and say nothing that a restart did not see. */
export interface GatewayStats {
  record(backend: Backend | 'gateway', status: number, durationMs: number): void;
  error(detail: ErrorDetail): void;
  readonly totals: { readonly total: number; readonly failed: number };
  figures(backend: Backend): BackendFigures;
  /** Newest first. */
  errors(): readonly ErrorDetail[];
}

/** `failed` means a server error: a client's own mistakes do not make a service ill. */
export function createStats(monotonic: () => number): GatewayStats {
  const slots = new Map<Backend, Slot[]>(BACKENDS.map((backend) => [backend, []]));
  const errors: ErrorDetail[] = [];
  const totals = { total: 0, failed: 0 };
  const current = (list: Slot[]): Slot => {
    const index = Math.floor(monotonic() / SLOT_MS);
    const last = list.at(-1);
    if (last?.index === index) return last;
    const slot = { index, requests: 0, failures: 0, totalMs: 0 };
    list.push(slot);
    if (list.length > SLOTS) list.shift();
    return slot;
  };
  return {
    totals,
    record(backend, status, durationMs) {
      totals.total++;
      if (status >= 500) totals.failed++;
      const list = backend === 'gateway' ? undefined : slots.get(backend);
      if (list === undefined) return;
      const slot = current(list);
      slot.requests++;
      slot.totalMs += durationMs;
      if (status >= 500) slot.failures++;
    },
    error(detail) {
      errors.push(detail);
      if (errors.length > KEPT_ERRORS) errors.shift();
    },
    figures(backend) {
      const oldest = Math.floor(monotonic() / SLOT_MS) - SLOTS;
      const recent = (slots.get(backend) ?? []).filter((slot) => slot.index > oldest);
      const sum = (of: (slot: Slot) => number): number => recent.reduce((total, slot) => total + of(slot), 0);
      const requests = sum((slot) => slot.requests);
      const failures = sum((slot) => slot.failures);
      return {
        requests,
        failures,
        errorRate: requests === 0 ? 0 : failures / requests,
        meanMs: requests === 0 ? null : sum((slot) => slot.totalMs) / requests,
      };
    },
    errors: () => errors.toReversed(),
  };
}
