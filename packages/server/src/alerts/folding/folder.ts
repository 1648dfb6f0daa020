import { matchesAll } from '../matchers/matcher.ts';
import type { Alert } from '../received/alert.ts';
import { dependantsText, type KnownSufferers } from './dependants.ts';
import { type Folding, type FoldingRules, isFelt, judgeFolding } from './fold.ts';
import type { ServiceMap } from './service-map.ts';

/** For whom an alert is judged. */
export interface FoldingFor {
  /** Epoch ms. */
  readonly at: number;
  /** Whether the receiver is told of an alert. */
  isHeard(alert: Alert): boolean;
}

/** Alerts by the service they are about, then by fingerprint. */
type ByService = Map<string, Map<string, Alert>>;

/**
 * Which alerts are part of pages about others. It sees every alert that comes in, and remembers causes for a while after their end;
 * that is lost with a start, after which what still fires is told.
 */
export class Folder {
  readonly #map: ServiceMap;
  readonly #startedAt: number;
  #rules: FoldingRules | null;
  readonly #causes: ByService = new Map();
  readonly #symptoms: ByService = new Map();
  /** Services with causes whose callers felt their trouble. */
  readonly #felt = new Set<string>();

  /** @param startedAt epoch ms */
  constructor(rules: FoldingRules | null, map: ServiceMap, startedAt: number) {
    this.#rules = rules;
    this.#map = map;
    this.#startedAt = startedAt;
  }

  /** Alerts must be observed anew. Without rules nothing is folded. */
  configure(rules: FoldingRules | null): void {
    this.#rules = rules;
    this.#causes.clear();
    this.#symptoms.clear();
    this.#felt.clear();
  }

  /** Takes an alert as it is now, also one that ended. */
  observe(alert: Alert): void {
    if (this.#rules === null) return;
    const { causes, symptoms } = this.#rules;
    const [isCause, isSymptom] = [matchesAll(causes, alert.labels), matchesAll(symptoms, alert.labels)];
    if (!isCause && !isSymptom) return;
    const service = this.#map.serviceOf(alert.labels);
    if (service === undefined) return;
    if (isCause) {
      keep(this.#causes, service, alert);
      this.#note(service);
    }
    if (isSymptom) keep(this.#symptoms, service, alert);
  }

  /** Forgets what ended so long ago that nothing is folded into it any more. */
  forget(now: number): void {
    const releaseMs = this.#rules?.releaseMs ?? 0;
    for (const known of [this.#causes, this.#symptoms])
      for (const [service, alerts] of known) {
        for (const [fingerprint, { endsAt }] of alerts)
          if (endsAt + releaseMs <= now) alerts.delete(fingerprint);
        if (alerts.size === 0) known.delete(service);
      }
    for (const service of this.#felt) if (!this.#causes.has(service)) this.#felt.delete(service);
  }

  /** Null for what is told by itself. */
  judge(alert: Alert, { at, isHeard }: FoldingFor): Folding | null {
    const rules = this.#rules;
    if (rules === null || !matchesAll(rules.symptoms, alert.labels)) return null;
    return judgeFolding(alert, at, this.#world(rules, isHeard));
  }

  /** The services that suffer from what an alert is about, in words; empty for none. `known` are those of one receiver and instant. */
  dependants(
    alert: Alert,
    { at, isHeard, isTold, known }: FoldingFor & { isTold(alert: Alert): boolean; known: KnownSufferers },
  ): string {
    const rules = this.#rules;
    if (rules === null || !matchesAll(rules.causes, alert.labels)) return '';
    const world = {
      ...this.#world(rules, isHeard),
      isTold,
      symptomServices: () => this.#symptoms.keys(),
      symptomsAt: (service: string) => this.#symptoms.get(service)?.values() ?? [],
    };
    return dependantsText(alert, at, world, known);
  }

  /** Epoch ms at which what is part of an alert's page is told by itself; null of an alert that nothing is part of. */
  releaseOf({ labels, endsAt }: Alert): number | null {
    const rules = this.#rules;
    return rules !== null && matchesAll(rules.causes, labels) ? endsAt + rules.releaseMs : null;
  }

  #world(rules: FoldingRules, isHeard: FoldingFor['isHeard']) {
    return {
      rules,
      map: this.#map,
      mapBy: this.#startedAt + rules.waitMs,
      isHeard,
      wasFelt: (service: string) => this.#felt.has(service),
      causesAt: (service: string) => {
        this.#note(service);
        return this.#causes.get(service)?.values() ?? [];
      },
    };
  }

  #note(service: string): void {
    if (this.#causes.has(service) && isFelt(this.#map.standing(service))) this.#felt.add(service);
  }
}

function keep(known: ByService, service: string, alert: Alert): void {
  const alerts = known.get(service);
  if (alerts === undefined) known.set(service, new Map([[alert.fingerprint, alert]]));
  else alerts.set(alert.fingerprint, alert);
}
