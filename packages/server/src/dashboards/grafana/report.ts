import { z } from 'zod';

/**
 * One thing an import did not take over as it was. `lost`: it is gone or cannot be shown; `changed`: it is there in another form.
 * `where` names the place in words ("panel "CPU" (3), query B").
 */
export const noteSchema = z.object({
  kind: z.enum(['lost', 'changed']),
  where: z.string(),
  what: z.string(),
});
export type ImportNote = z.output<typeof noteSchema>;

const MAX_NOTES = 500;

/** Collects the notes of one import; the same note at the same place is made once. */
export class ImportReport {
  readonly #notes = new Map<string, ImportNote>();
  #where = 'dashboard';
  #beyond = 0;

  /** Notes made inside `work` belong to `where`. */
  at<T>(where: string, work: () => T): T {
    const before = this.#where;
    this.#where = where;
    try {
      return work();
    } finally {
      this.#where = before;
    }
  }

  lost(what: string): void {
    this.#add('lost', what);
  }

  changed(what: string): void {
    this.#add('changed', what);
  }

  get notes(): readonly ImportNote[] {
    const more: ImportNote[] =
      this.#beyond === 0
        ? []
        : [{ kind: 'lost', where: 'dashboard', what: `${this.#beyond} more notes are not listed` }];
    return [...this.#notes.values(), ...more];
  }

  #add(kind: ImportNote['kind'], what: string): void {
    const note: ImportNote = { kind, where: this.#where, what };
    const key = `${kind} ${note.where} ${what}`;
    if (this.#notes.has(key)) return;
    if (this.#notes.size >= MAX_NOTES) this.#beyond++;
    else this.#notes.set(key, note);
  }
}
