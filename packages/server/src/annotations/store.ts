import type { StateStore } from '../journal/index.ts';
import { type Annotation, annotationKind } from './annotation.ts';
import { annotationErrors } from './errors.ts';

const MAX_ANNOTATIONS = 5000;

/** Annotations of each tenant, durable in the StateStore; the newest 5,000 are kept. */
export class AnnotationStore {
  readonly #state: StateStore;
  readonly #max: number;

  constructor(state: StateStore, max = MAX_ANNOTATIONS) {
    this.#state = state;
    this.#max = max;
  }

  /** Idempotent by id: the same id again replaces. */
  async put(tenant: string, value: Annotation): Promise<void> {
    await this.#state.put(annotationKind, tenant, value.id, value);
    const all = this.list(tenant, 0, Number.MAX_SAFE_INTEGER);
    const surplus = all.slice(0, Math.max(0, all.length - this.#max));
    for (const old of surplus) await this.#state.delete(annotationKind, tenant, old.id);
  }

  /** Those that touch [from, to], oldest first; of one service and of none in particular when `service` is given. */
  list(tenant: string, from: number, to: number, service?: string): readonly Annotation[] {
    return this.#state
      .list(annotationKind, tenant)
      .map((entry) => entry.value)
      .filter(
        (a) =>
          a.time <= to &&
          (a.timeEnd ?? a.time) >= from &&
          (service === undefined || a.service === undefined || a.service === service),
      )
      .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  }

  async remove(tenant: string, id: string): Promise<void> {
    if (!(await this.#state.delete(annotationKind, tenant, id)))
      throw annotationErrors.make('unknown', `there is no annotation "${id}"`);
  }

  onChange(listener: (tenant: string, annotation: Annotation | undefined) => void): () => void {
    return this.#state.onChange(annotationKind, (change) => listener(change.tenant, change.entry?.value));
  }
}
