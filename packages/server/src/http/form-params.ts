import type { FastifyRequest } from 'fastify';

/** What is read of a request. */
export interface FormSource {
  readonly body?: unknown;
  readonly raw: Pick<FastifyRequest['raw'], 'url' | 'headers'>;
}

/**
 * Parameters of a call that takes them from a form body first, then from the URL. Keys are literal, so `match[]` stays
 * `match[]`; a body of any other type is ignored.
 */
export class FormParams {
  readonly #lists: readonly URLSearchParams[];

  constructor(request: FormSource) {
    const url = request.raw.url ?? '';
    const at = url.indexOf('?');
    const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
    const isForm = (request.raw.headers['content-type'] ?? '').startsWith(
      'application/x-www-form-urlencoded',
    );
    this.#lists =
      isForm && typeof request.body === 'string' ? [new URLSearchParams(request.body), query] : [query];
  }

  /** The first value, or the empty string. */
  text(name: string): string {
    for (const list of this.#lists) {
      const value = list.get(name);
      if (value !== null) return value;
    }
    return '';
  }

  all(name: string): readonly string[] {
    return this.#lists.flatMap((list) => list.getAll(name));
  }
}
