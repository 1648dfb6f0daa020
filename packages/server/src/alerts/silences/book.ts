import { type AlertMatcher, matchesAll } from '../matchers/matcher.ts';
import type { Alert } from '../received/alert.ts';
import { matchersOf, type Silence, silenceState } from './silence.ts';

/** Silences of one alert, by state, ids sorted. */
export interface SilencedBy {
  readonly active: readonly string[];
  readonly pending: readonly string[];
}

const NOT_SILENCED: SilencedBy = { active: [], pending: [] };

interface Known {
  readonly silence: Silence;
  readonly matchers: readonly AlertMatcher[];
}

/** Alerts whose answer is kept; beyond, all are asked anew. */
const MOST_ANSWERS = 200_000;

/** All silences of a tenant in memory. Which of them mean an alert is found once and kept until there is another one. */
export class SilenceBook {
  readonly #known = new Map<string, Known>();
  /** By the fingerprints of alerts: ids of silences that match and have not ended. */
  readonly #answers = new Map<string, readonly string[]>();

  get(id: string): Silence | undefined {
    return this.#known.get(id)?.silence;
  }

  all(): readonly Silence[] {
    return [...this.#known.values()].map(({ silence }) => silence);
  }

  /** Throws MatcherSyntaxError for what `setSilence` would have refused. */
  put(silence: Silence): void {
    const before = this.#known.get(silence.id);
    this.#known.set(silence.id, { silence, matchers: before?.matchers ?? matchersOf(silence) });
    // A change keeps the matchers: only a new one can mean more alerts.
    if (before === undefined) this.#answers.clear();
  }

  delete(id: string): void {
    this.#known.delete(id);
  }

  silencing({ fingerprint, labels }: Pick<Alert, 'fingerprint' | 'labels'>, now: number): SilencedBy {
    if (this.#known.size === 0) return NOT_SILENCED;
    const ids = this.#answers.get(fingerprint) ?? this.#ask(fingerprint, labels, now);
    if (ids.length === 0) return NOT_SILENCED;
    const active: string[] = [];
    const pending: string[] = [];
    for (const id of ids) {
      const silence = this.get(id);
      const state = silence === undefined ? 'expired' : silenceState(silence, now);
      if (state === 'active') active.push(id);
      else if (state === 'pending') pending.push(id);
    }
    return { active, pending };
  }

  #ask(fingerprint: string, labels: Alert['labels'], now: number): readonly string[] {
    const ids = [...this.#known]
      .filter(
        ([, { silence, matchers }]) =>
          silenceState(silence, now) !== 'expired' && matchesAll(matchers, labels),
      )
      .map(([id]) => id)
      .sort();
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(fingerprint, ids);
    return ids;
  }
}
