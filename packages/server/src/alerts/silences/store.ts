import type { StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { Turns } from '../../kernel/turns.ts';
import { alertErrors } from '../errors.ts';
import { SilenceBook } from './book.ts';
import { expireSilence, isForgettable, type Silence, setSilence, type WantedSilence } from './silence.ts';
import { silenceKind, silenceOf, storedSilence } from './stored.ts';

export interface SilenceStoreDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
  readonly tenant: string;
  newId(): string;
}

/** How long silences are kept after their end; Alertmanager's default. */
const RETENTION_MS = 432_000_000;
/** Between looks for those; Alertmanager's. */
const CLEANING_MS = 900_000;
const CHANGES = 'changes';

/** Silences on disk, with their book in memory. A change counts when it is durable. */
export class SilenceStore implements Service {
  readonly name = 'alert-silences';
  readonly dependsOn = ['alert-state'];
  readonly book = new SilenceBook();
  readonly #deps: SilenceStoreDeps;
  readonly #turns = new Turns();
  #cleaning: Timer | null = null;

  constructor(deps: SilenceStoreDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { state, tenant, clock } = this.#deps;
    for (const { value } of state.list(silenceKind, tenant)) this.book.put(silenceOf(value));
    this.#cleaning = clock.every(CLEANING_MS, () => void this.#clean());
  }

  stop(): void {
    this.#cleaning?.cancel();
  }

  /** The id of the silence that now stands for what was wanted. Rejects with `silence` or `unknownSilence`. */
  set(wanted: WantedSilence): Promise<string> {
    return this.#turns.take(CHANGES, async () => {
      const { clock, newId } = this.#deps;
      const known = wanted.id === null ? undefined : this.book.get(wanted.id);
      const change = setSilence(wanted, known, clock.now(), newId());
      if (!change.ok)
        throw alertErrors.make(change.reason === 'unknown' ? 'unknownSilence' : 'silence', change.message);
      await this.#write(change.writes);
      return change.id;
    });
  }

  /** Rejects with `unknownSilence`. */
  expire(id: string): Promise<void> {
    return this.#turns.take(CHANGES, async () => {
      const known = this.book.get(id);
      if (known === undefined) throw alertErrors.make('unknownSilence', 'silence not found');
      await this.#write(expireSilence(known, this.#deps.clock.now()));
    });
  }

  async #write(silences: readonly Silence[]): Promise<void> {
    if (silences.length === 0) return;
    const { state, tenant } = this.#deps;
    await state.write(
      silences.map((silence) => ({
        kind: silenceKind,
        tenant,
        key: silence.id,
        value: storedSilence(silence),
      })),
    );
    for (const silence of silences) this.book.put(silence);
  }

  async #clean(): Promise<void> {
    const { state, tenant, clock, log } = this.#deps;
    const gone = this.book.all().filter((silence) => isForgettable(silence, clock.now(), RETENTION_MS));
    if (gone.length === 0) return;
    try {
      await state.write(gone.map(({ id }) => ({ kind: silenceKind, tenant, key: id, value: undefined })));
      for (const { id } of gone) this.book.delete(id);
    } catch (error) {
      log.warn({ err: error }, 'silences that ended long ago could not be removed');
    }
  }
}
