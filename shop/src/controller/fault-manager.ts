import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../shared/clock.ts';
import { iso } from '../shared/clock.ts';
import { ShopError } from '../shared/errors.ts';
import type { FaultKind, FaultParams, InjectedFault } from '../shared/faults/kinds.ts';
import { faultKind } from '../shared/faults/kinds.ts';
import type { ServiceName } from '../shared/ports.ts';
import { SERVICE_NAMES } from '../shared/ports.ts';
import type { FaultRequest } from './fault-request.ts';
import type { TruthLog } from './truth.ts';

/** How often services are told again what they have, and how long they believe it. */
const HEARTBEAT_MS = 4_000;
export const LEASE_MS = 15_000;
const KEPT_ENDED = 100;
const MAX_ACTIVE = 50;

export interface Fault {
  readonly id: string;
  readonly kind: FaultKind;
  readonly service: ServiceName;
  readonly params: FaultParams;
  readonly from: number;
  /** When it is due to end; null lasts until it is deleted. */
  readonly until: number | null;
  readonly to: number | null;
  readonly cause: string;
  /** Why the service could not be told; null when it was. */
  readonly error: string | null;
}

/** Tells a service which faults it has. Throws when it cannot be reached. */
export type Inject = (
  service: ServiceName,
  faults: readonly InjectedFault[],
  leaseMs: number,
) => Promise<void>;

export interface FaultManager {
  add(request: FaultRequest): Promise<Fault>;
  end(id: string): Promise<Fault>;
  endAll(): Promise<readonly Fault[]>;
  find(id: string): Fault;
  /** Active ones first, then the latest that ended, newest first. */
  list(): readonly Fault[];
  active(kind?: FaultKind): readonly Fault[];
  /** Whether the last word reached the service. */
  reachable(service: ServiceName): boolean;
  stop(): Promise<void>;
}

export interface FaultManagerDeps {
  readonly clock: Clock;
  readonly inject: Inject;
  readonly truth: TruthLog;
}

export function createFaultManager({ clock, inject, truth }: FaultManagerDeps): FaultManager {
  const faults = new Map<string, Fault>();
  const ended: Fault[] = [];
  const timers = new Map<string, Timer>();
  const messenger = createMessenger(inject, (service) =>
    Array.from(faults.values())
      .filter((fault) => fault.service === service && faultKind(fault.kind).by === 'service')
      .map(({ id, kind, params }) => ({ id, kind, params })),
  );
  const { tell } = messenger;
  const shown = (fault: Fault): Fault => ({
    ...fault,
    error: fault.to === null ? messenger.error(fault.service) : null,
  });
  const end = async (id: string): Promise<Fault> => {
    const fault = faults.get(id);
    if (fault === undefined) return find(id);
    timers.get(id)?.cancel();
    timers.delete(id);
    faults.delete(id);
    await tell(fault.service);
    const closed = { ...fault, to: clock.now() };
    truth.ended(id, closed.to);
    ended.unshift(closed);
    if (ended.length > KEPT_ENDED) ended.pop();
    return closed;
  };
  const find = (id: string): Fault => {
    const fault = faults.get(id);
    if (fault !== undefined) return shown(fault);
    const past = ended.find((candidate) => candidate.id === id);
    if (past === undefined)
      throw new ShopError('not_found', `there is no fault ${JSON.stringify(id.slice(0, 80))}`);
    return past;
  };
  const heartbeat = clock.every(HEARTBEAT_MS, () => {
    if (faults.size > 0) truth.heartbeat(clock.now());
    for (const service of SERVICE_NAMES) void tell(service);
  });

  return {
    async add({ kind, service, params, durationMs }) {
      if (faults.size >= MAX_ACTIVE)
        throw new ShopError('conflict', `${MAX_ACTIVE} faults are active; delete one first`);
      const id = `flt_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
      const from = clock.now();
      const until = durationMs === null ? null : from + durationMs;
      const cause = faultKind(kind).cause(service, params);
      faults.set(id, { id, kind, service, params, from, until, to: null, cause, error: null });
      const due = until === null ? null : iso(until);
      truth.began({ id, what: kind, where: service, parameters: params, from: iso(from), until: due, cause });
      if (durationMs !== null)
        timers.set(
          id,
          clock.after(durationMs, () => void end(id)),
        );
      await tell(service);
      return find(id);
    },
    end,
    endAll: () => Promise.all(Array.from(faults.keys(), end)),
    find,
    list: () => [...Array.from(faults.values(), shown).toReversed(), ...ended],
    active: (kind) =>
      Array.from(faults.values(), shown).filter((fault) => kind === undefined || fault.kind === kind),
    reachable: (service) => messenger.error(service) === null,
    stop: async () => {
      heartbeat.cancel();
      await Promise.all(Array.from(faults.keys(), end));
    },
  };
}

interface Messenger {
  /** Says to a service what it has now. Never throws; `error` tells. */
  tell(service: ServiceName): Promise<void>;
  /** Why the last word did not reach the service; null when it did. */
  error(service: ServiceName): string | null;
}

/** One word at a time per service, in order; what is wanted is read when its turn comes, so that the last word is the newest. */
function createMessenger(
  inject: Inject,
  wanted: (service: ServiceName) => readonly InjectedFault[],
): Messenger {
  const errors = new Map<ServiceName, string>();
  const told = new Map<ServiceName, Promise<void>>();
  const send = async (service: ServiceName): Promise<void> => {
    try {
      await inject(service, wanted(service), LEASE_MS);
      errors.delete(service);
    } catch (error) {
      errors.set(service, error instanceof Error ? error.message : String(error));
    }
  };
  return {
    error: (service) => errors.get(service) ?? null,
    tell: (service) => {
      const turn = (told.get(service) ?? Promise.resolve()).then(() => send(service));
      told.set(service, turn);
      return turn;
    },
  };
}
