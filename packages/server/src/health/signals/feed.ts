import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Signal } from '../signal.ts';
import type { HealthTelemetry } from '../telemetry.ts';

type Signals = ReadonlyMap<string, readonly Signal[]>;

export interface SignalFeedOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: HealthTelemetry;
  /** What is read, for logs and metrics. */
  readonly name: string;
  readonly tenants: () => readonly string[];
  readonly read: (tenant: string) => Signals | Promise<Signals>;
}

const TICK_MS = 1000;
/** Without a word of change it is read this often, since signals also end by time alone. */
const EVERY_MS = 5000;
/** What was read longer ago says nothing: whoever is asked does not answer. */
const STALE_MS = 20_000;
const NONE: Signals = new Map();

interface Fed {
  signals: Signals;
  readAt: number;
  changed: boolean;
  reading: boolean;
}

/** Keeps what another part of Pharos says of services in memory: read when it changed, at most once a second, and every five seconds. */
export class SignalFeed {
  readonly #options: SignalFeedOptions;
  readonly #tenants = new Map<string, Fed>();
  #timer: Timer | null = null;

  constructor(options: SignalFeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(TICK_MS, () => void this.tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** There is something new to read. */
  changed(tenant: string): void {
    this.#of(tenant).changed = true;
  }

  /** From memory; nothing once it is stale. */
  signals(tenant: string): Signals {
    const fed = this.#tenants.get(tenant);
    if (fed === undefined || this.#options.clock.monotonic() - fed.readAt > STALE_MS) return NONE;
    return fed.signals;
  }

  /** Reads what is due. Never throws; a tenant that is being read is not read twice. */
  async tick(): Promise<void> {
    const { clock, tenants } = this.#options;
    const wanted = new Set(tenants());
    for (const tenant of wanted) this.#of(tenant);
    const due: Promise<void>[] = [];
    for (const [tenant, fed] of this.#tenants) {
      if (!wanted.has(tenant) && !fed.changed) this.#tenants.delete(tenant);
      else if (!fed.reading && (fed.changed || clock.monotonic() - fed.readAt >= EVERY_MS))
        due.push(this.#read(tenant, fed));
    }
    await Promise.all(due);
  }

  async #read(tenant: string, fed: Fed): Promise<void> {
    const { clock, log, telemetry, name, read } = this.#options;
    fed.reading = true;
    fed.changed = false;
    try {
      fed.signals = keepSame(fed.signals, await read(tenant));
      fed.readAt = clock.monotonic();
      telemetry.signals.inc({ source: name, outcome: 'ok' });
    } catch (error) {
      telemetry.signals.inc({ source: name, outcome: 'failed' });
      log.warn({ err: error, tenant, source: name }, 'signals for the health of services could not be read');
    }
    fed.reading = false;
  }

  #of(tenant: string): Fed {
    let fed = this.#tenants.get(tenant);
    if (fed === undefined)
      this.#tenants.set(tenant, (fed = { signals: NONE, readAt: -Infinity, changed: true, reading: false }));
    return fed;
  }
}

/** What is equal to before stays the same object, so that a service about which nothing is new is not judged again. */
function keepSame(before: Signals, after: Signals): Signals {
  return new Map(
    [...after].map(([service, signals]) => {
      const known = before.get(service) ?? [];
      return [service, signals.map((signal, i) => (same(known[i], signal) ? known[i] : signal))];
    }),
  );
}

function same(one: Signal | undefined, other: Signal): one is Signal {
  return (
    one !== undefined &&
    one.kind === other.kind &&
    one.status === other.status &&
    one.message === other.message &&
    one.at === other.at
  );
}
