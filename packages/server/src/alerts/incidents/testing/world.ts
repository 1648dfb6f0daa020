import { labelSet } from '../../labels/label-set.ts';
import { type ActStep, act, type IncidentAct } from '../acts.ts';
import { advance, type IncidentsInput, type IncidentsWorld } from '../advance.ts';
import { type Incident, isFiring, type Sighting } from '../incident.ts';
import { severityWord } from '../sighting.ts';
import type { IncidentsStep, IncidentsView } from '../step.ts';
import type { CallMap } from '../topology.ts';

export const START = Date.UTC(2026, 0, 5, 12);
export const MINUTE = 60_000;

/** gateway calls all; order calls catalog and user; both auth and user use the store. */
export const SHOP: CallMap = new Map([
  ['gateway', new Set(['auth', 'order', 'catalog', 'user'])],
  ['order', new Set(['catalog', 'user'])],
  ['auth', new Set(['store'])],
  ['user', new Set(['store'])],
]);

export const RULES: IncidentsWorld['rules'] = {
  windowMs: 5 * MINUTE,
  spreadMs: 15 * MINUTE,
  hops: 2,
  holdDownMs: 5 * MINUTE,
  reopenMs: 30 * MINUTE,
};

/** An alert by its name and service, `HighErrorRate order`, and other labels. */
export function sighting(
  text: string,
  more: Partial<Sighting> & { readonly labelled?: Readonly<Record<string, string>> } = {},
): Sighting {
  const [name, service] = text.split(' ');
  const { labelled, ...rest } = more;
  const labels = labelSet(
    Object.entries({ alertname: name, ...(service !== undefined && { service }), ...labelled }),
  );
  const startsAt = rest.startsAt ?? START;
  return {
    fingerprint: text,
    labels,
    summary: '',
    severity: severityWord(labels),
    services: service === undefined ? [] : [service],
    traces: [],
    startsAt,
    signAt: startsAt,
    ...rest,
  };
}

/** Incidents in memory alone: each step is taken as durable. */
export class MemoryIncidents implements IncidentsView {
  readonly #all = new Map<string, Incident>();
  readonly #of = new Map<string, string>();
  readonly #counted = new Set<string>();
  readonly #calls: CallMap;
  now = START;
  next = 1;

  constructor(calls: CallMap = SHOP) {
    this.#calls = calls;
  }

  get(id: string): Incident | undefined {
    return this.#all.get(id);
  }

  open(): readonly Incident[] {
    return this.all().filter(({ phase }) => phase.kind === 'open');
  }

  idOf(fingerprint: string): string | undefined {
    return this.#of.get(fingerprint);
  }

  isCounted(fingerprint: string): boolean {
    return this.#counted.has(fingerprint);
  }

  all(): readonly Incident[] {
    return [...this.#all.values()].sort((a, b) => Number(a.id) - Number(b.id));
  }

  feed(...inputs: readonly IncidentsInput[]): this {
    this.#take(advance(this, inputs, this.#world()));
    return this;
  }

  fires(
    alert: Sighting,
    more: { readonly isQuiet?: boolean; readonly inhibitedBy?: readonly string[] } = {},
  ): this {
    return this.feed({ kind: 'fires', alert, isQuiet: false, inhibitedBy: [], ...more });
  }

  /** It fires now. */
  fire(text: string, more: Parameters<typeof sighting>[1] = {}): this {
    return this.fires(sighting(text, { startsAt: this.now, ...more }));
  }

  end(fingerprint: string): this {
    return this.feed({ kind: 'ended', fingerprint, at: this.now });
  }

  after(ms: number): this {
    this.now += ms;
    return this.feed({ kind: 'tick' });
  }

  act(id: string, what: IncidentAct, by = 'ada'): ActStep {
    const step = act(this, id, what, { now: this.now, by });
    this.#take(step);
    return step;
  }

  /** `1: HighErrorRate order, Down user`, of what is open; what ended in brackets. */
  shown(): readonly string[] {
    return this.open().map(
      ({ id, members }) =>
        `${id}: ${members.map((one) => (isFiring(one) ? one.fingerprint : `(${one.fingerprint})`)).join(', ')}`,
    );
  }

  #world(): IncidentsWorld {
    return {
      now: this.now,
      rules: RULES,
      calls: this.#calls,
      isCrowded: () => this.#counted.size > 0,
    };
  }

  #take({ changed, moved, beyond, next }: IncidentsStep): void {
    this.next = next;
    for (const incident of changed.values()) this.#all.set(incident.id, incident);
    for (const [fingerprint, id] of moved) this.#of.set(fingerprint, id);
    for (const fingerprint of beyond.keys()) this.#counted.add(fingerprint);
  }
}
