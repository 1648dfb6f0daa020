import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Service } from '../../kernel/services.ts';
import { SOURCE_PAGES } from './source-link.ts';
import type { OutgoingAlert } from './state/sending.ts';
import type { ToldAlert } from './take-over.ts';

export interface ToldBeforeDeps {
  readonly clock: Clock;
  /** What those who are told of alerts know, some of it over. */
  readonly told: () => readonly ToldAlert[];
  /** Where Pharos is reached, without a slash at its end. */
  readonly externalUrl: () => string;
  readonly haveBegun: () => boolean;
  readonly send: (alerts: readonly OutgoingAlert[]) => void;
}

/** By then Pharos listens, and knows where it is reached. */
const FIRST_MS = 1000;
const EVERY_MS = 60_000;
/** So that some rounds may fail. */
const HELD_MS = 4 * EVERY_MS;

/**
 * Tells of what our own rules fired before a restart until these begin: they wait for the engine, and receivers take what nobody tells them
 * of for over after minutes. From then on each rule tells of its own.
 */
export class ToldBeforeRules implements Service {
  readonly name = 'told-before-rules';
  readonly dependsOn = ['alert-dispatcher', 'alert-sender'];
  readonly #deps: ToldBeforeDeps;
  #timers: readonly Timer[] = [];

  constructor(deps: ToldBeforeDeps) {
    this.#deps = deps;
  }

  start(): Promise<void> {
    const { clock } = this.#deps;
    this.#timers = [clock.after(FIRST_MS, () => this.#tell()), clock.every(EVERY_MS, () => this.#tell())];
    return Promise.resolve();
  }

  stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    return Promise.resolve();
  }

  #tell(): void {
    const { clock, told, externalUrl, haveBegun, send } = this.#deps;
    if (haveBegun()) {
      for (const timer of this.#timers) timer.cancel();
      return;
    }
    const now = clock.now();
    const pages = SOURCE_PAGES.map((page) => externalUrl() + page);
    const alerts = told().flatMap((alert): readonly OutgoingAlert[] => {
      const { labels, annotations, startsAt, endsAt, generatorUrl } = alert;
      if (endsAt <= now || !pages.some((page) => generatorUrl.startsWith(page))) return [];
      return [{ labels, annotations, startsAt, endsAt: now + HELD_MS, isResolved: false, generatorUrl }];
    });
    if (alerts.length > 0) send(alerts);
  }
}
