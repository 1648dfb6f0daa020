import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Service } from '../kernel/services.ts';
import { type Component, type Incident, isOver } from './definition.ts';
import { changesOf, type Known, type Snapshot, snapshotOf } from './snapshot.ts';
import type { StatusPageStore } from './store.ts';
import type { Message, Subscriptions } from './subscribe/subscriptions.ts';
import { DAY_MS, DAYS, daysOf, type Stretch } from './uptime.ts';

/** How something inside is now, from memory. */
interface SourceState {
  readonly status: Known['status'];
  readonly maintenance: boolean;
}

/** What stands behind components, of one tenant. */
export interface StatusSources {
  /** By the id of a probe; null when there is none. */
  probe(id: string): (SourceState & { readonly name: string }) | null;
  service(name: string): SourceState | null;
  serviceStretches(name: string, from: number, to: number): Promise<readonly Stretch[]>;
  /** The one series of an expression over a grid of epoch ms; NaN where there is nothing. */
  range(
    query: string,
    grid: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<Float64Array | null>;
}

export interface StatusPageDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: StatusPageStore;
  readonly sources: StatusSources;
  readonly subscriptions: Subscriptions;
}

/** States are looked at this often, from memory. */
const TICK_MS = 5000;
/** Today's uptime and response times are computed anew so often; closed days once. */
const FIGURES_MS = 60_000;

interface Figures {
  /** Of which component this is known. */
  readonly of: string;
  readonly today: number;
  days: (number | null)[];
  responseMs: number | null;
}

/** Keeps what the public sees ready, so that no reader of the page makes Pharos compute anything. */
export class StatusPageService implements Service {
  readonly name = 'status-page';
  readonly dependsOn = ['metrics-store', 'flusher', 'health', 'probes'];
  readonly #deps: StatusPageDeps;
  readonly #figures = new Map<string, Figures>();
  #snapshot: Snapshot | null = null;
  #tick: Timer | null = null;
  #slow: Timer | null = null;
  #computing: Promise<void> | null = null;
  #stopped = false;

  constructor(deps: StatusPageDeps) {
    this.#deps = deps;
  }

  start(): Promise<void> {
    const { clock } = this.#deps;
    this.#tick = clock.every(TICK_MS, () => this.refresh());
    this.#slow = clock.every(FIGURES_MS, () => void this.compute());
    this.refresh();
    void this.compute();
    return Promise.resolve();
  }

  stop(): void {
    this.#stopped = true;
    this.#tick?.cancel();
    this.#slow?.cancel();
    this.#deps.subscriptions.stop();
  }

  /** What the public sees; null while the page is off. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  /** What the public would see were the page on. */
  preview(): Snapshot {
    const { store, clock } = this.#deps;
    const { page } = store.page();
    const components = new Map(
      page.groups.flatMap((group) => group.components.map((one) => [one.id, one] as const)),
    );
    return snapshotOf(
      page,
      store.incidents(),
      (id) => {
        const component = components.get(id);
        return component === undefined ? null : this.#known(component);
      },
      clock.now(),
    );
  }

  /** Looks at the states again, and tells subscribers what changed. After each change of the page too. */
  refresh(): void {
    const { store, subscriptions } = this.#deps;
    if (!store.page().page.enabled) {
      this.#snapshot = null;
      return;
    }
    const before = this.#snapshot;
    this.#snapshot = this.preview();
    if (before === null) return;
    const { title, status, at } = this.#snapshot;
    const changed = changesOf(before, this.#snapshot);
    if (changed.length > 0)
      subscriptions.tell({
        type: 'components.changed',
        page: { title, status },
        at: new Date(at).toISOString(),
        components: changed.map(({ id, name, status: now }) => ({ id, name, status: now })),
      });
  }

  /** Tells subscribers of an incident's newest update. */
  announce(one: Incident): void {
    this.refresh();
    const [update] = one.updates;
    if (this.#snapshot === null || update === undefined) return;
    const { title, status } = this.#snapshot;
    const message: Message = {
      type: 'incident.updated',
      page: { title, status },
      at: new Date(update.at).toISOString(),
      incident: {
        id: one.id,
        title: one.title,
        impact: one.impact,
        phase: update.phase,
        text: update.text,
        over: isOver(one),
      },
    };
    this.#deps.subscriptions.tell(message);
  }

  /** Brings the uptimes up to now; one at a time. */
  compute(): Promise<void> {
    this.#computing ??= this.#compute().finally(() => (this.#computing = null));
    return this.#computing;
  }

  async #compute(): Promise<void> {
    const { page } = this.#deps.store.page();
    const components = page.groups.flatMap((group) => group.components);
    const ids = new Set(components.map(({ id }) => id));
    for (const id of this.#figures.keys()) if (!ids.has(id)) this.#figures.delete(id);
    if (!page.enabled) return;
    for (const component of components) {
      if (this.#stopped) return;
      try {
        await this.#figure(component);
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'the uptime of a component could not be read');
      }
    }
    this.refresh();
  }

  async #figure(component: Component): Promise<void> {
    const { clock, sources } = this.#deps;
    const now = clock.now();
    const today = Math.floor(now / DAY_MS);
    const of = JSON.stringify(component.of);
    const before = this.#figures.get(component.id);
    if ('service' in component.of) {
      const from = (today - DAYS + 1) * DAY_MS;
      const stretches = await sources.serviceStretches(component.of.service, from, now);
      this.#figures.set(component.id, { of, today, days: daysOf(stretches, today), responseMs: null });
      return;
    }
    const name = sources.probe(component.of.probe)?.name;
    if (name === undefined) return;
    const series = (metric: string): string => `${metric}{job="probes",probe=${JSON.stringify(name)}}`;
    const known =
      before !== undefined && before.today === today && before.of === of
        ? before.days
        : await this.#closedDays(series('probe_up'), today);
    const passed = Math.max(1, Math.ceil((now - today * DAY_MS) / 1000));
    const days = [
      ...known.slice(0, DAYS - 1),
      await this.#one(`avg_over_time(${series('probe_up')}[${passed}s])`, now),
    ];
    const seconds = component.response_time
      ? await this.#one(`avg_over_time(${series('probe_duration_seconds')}[1d])`, now)
      : null;
    this.#figures.set(component.id, {
      of,
      today,
      days,
      responseMs: seconds === null ? null : seconds * 1000,
    });
  }

  /** The days before today. */
  async #closedDays(series: string, today: number): Promise<(number | null)[]> {
    // A window ends with its time: each midnight has the day before it.
    const grid = { start: (today - DAYS + 2) * DAY_MS, end: today * DAY_MS, step: DAY_MS };
    const values = await this.#deps.sources.range(`avg_over_time(${series}[1d])`, grid);
    return Array.from({ length: DAYS - 1 }, (_, i) => numberOf(values?.[i]));
  }

  async #one(query: string, at: number): Promise<number | null> {
    const values = await this.#deps.sources.range(query, { start: at, end: at, step: 1000 });
    return numberOf(values?.[0]);
  }

  #known(component: Component): Known | null {
    const { sources } = this.#deps;
    const state =
      'probe' in component.of ? sources.probe(component.of.probe) : sources.service(component.of.service);
    const figures = this.#figures.get(component.id);
    if (state === null && figures === undefined) return null;
    return {
      status: state?.status ?? 'unknown',
      maintenance: state?.maintenance ?? false,
      days: figures?.of === JSON.stringify(component.of) ? figures.days : [],
      responseMs: component.response_time ? (figures?.responseMs ?? null) : null,
    };
  }
}

function numberOf(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
