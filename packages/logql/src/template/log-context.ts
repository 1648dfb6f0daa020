import { StringMap } from '@pharos/gotemplate';
import type { Entry } from '../pipeline/entry.ts';

/** What functions of a log template may ask for. */
export interface LogContext {
  readonly entry: Entry;
  /** Now in ms since the Unix epoch. */
  readonly now: () => number;
}

/** The labels of an entry as a template sees them: one by one until all are asked for, errors among them. */
export class EntryLabels extends StringMap {
  readonly #entry: Entry;

  constructor(entry: Entry) {
    super(() => entry.labels().toMap());
    this.#entry = entry;
  }

  override get(name: string): string {
    return name.startsWith('__error') ? super.get(name) : (this.#entry.get(name) ?? '');
  }
}
