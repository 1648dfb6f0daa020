import type { Incident } from './incident.ts';

/** What is known of all incidents; a step changes nothing of it. */
export interface IncidentsView {
  get(id: string): Incident | undefined;
  /** Those that are open, oldest first. */
  open(): readonly Incident[];
  /** The one that an alert was part of last, merges followed; undefined for none. */
  idOf(fingerprint: string): string | undefined;
  /** Whether an alert is among those that its incident does not name. */
  isCounted(fingerprint: string): boolean;
  /** The number of the next incident. */
  readonly next: number;
}

/** What follows from a step. */
export interface IncidentsStep {
  /** Incidents as they are now, of those that changed; by id. */
  readonly changed: ReadonlyMap<string, Incident>;
  readonly next: number;
  /** Alerts that are part of another incident than before, by fingerprint. */
  readonly moved: ReadonlyMap<string, string>;
  /** Alerts that belong to an incident that has no room for more, by fingerprint. */
  readonly beyond: ReadonlyMap<string, string>;
}

/** A view with what a step has changed so far. */
export class Draft implements IncidentsView {
  readonly #view: IncidentsView;
  readonly #changed = new Map<string, Incident>();
  readonly #moved = new Map<string, string>();
  readonly #beyond = new Map<string, string>();
  #open: readonly Incident[] | null = null;
  next: number;

  constructor(view: IncidentsView) {
    this.#view = view;
    this.next = view.next;
  }

  get(id: string): Incident | undefined {
    return this.#changed.get(id) ?? this.#view.get(id);
  }

  open(): readonly Incident[] {
    if (this.#open !== null) return this.#open;
    const others = this.#view.open().filter(({ id }) => !this.#changed.has(id));
    const own = [...this.#changed.values()].filter(({ phase }) => phase.kind === 'open');
    this.#open = [...others, ...own].sort((a, b) => Number(a.id) - Number(b.id));
    return this.#open;
  }

  idOf(fingerprint: string): string | undefined {
    return this.#moved.get(fingerprint) ?? this.#beyond.get(fingerprint) ?? this.#view.idOf(fingerprint);
  }

  isCounted(fingerprint: string): boolean {
    return (
      this.#beyond.has(fingerprint) || (!this.#moved.has(fingerprint) && this.#view.isCounted(fingerprint))
    );
  }

  put(incident: Incident): void {
    this.#changed.set(incident.id, incident);
    this.#open = null;
  }

  /** An alert is part of an incident from now on. */
  move(fingerprint: string, id: string): void {
    this.#moved.set(fingerprint, id);
  }

  /** An alert belongs to an incident that cannot name it. */
  crowd(fingerprint: string, id: string): void {
    this.#beyond.set(fingerprint, id);
  }

  newId(): string {
    return String(this.next++);
  }

  step(): IncidentsStep {
    return { changed: this.#changed, next: this.next, moved: this.#moved, beyond: this.#beyond };
  }
}
