import { TemplateError, type Value } from '@pharos/gotemplate';
import { type QuerySample, queryResult } from './query-result.ts';

/** Queries the templates of one alert may ask in one evaluation; each one has them run once more. */
const MOST_QUERIES = 100;
/** Answers that are kept for the alerts that follow. */
const MOST_KEPT = 1000;

/** A template asked what is not known yet; it runs again from its beginning once it is. */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly query: string;

  constructor(query: string) {
    super(`the query was not asked yet: ${query}`);
    this.query = query;
  }
}

type Answer = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

/**
 * What queries in the templates of one evaluation answer. Templates run at once while queries take time: one that asks what is not
 * known ends, the query is asked, and the template runs again from its beginning. It has no effects and all its queries are of the
 * same time, so it comes to the same place again. Each query is asked once, however many alerts want it.
 */
export class QueryAnswers {
  readonly #ask: (query: string) => Promise<readonly QuerySample[]>;
  readonly #answers = new Map<string, Answer>();
  /** Of the alert whose templates run now. */
  #asked = 0;

  constructor(ask: (query: string) => Promise<readonly QuerySample[]>) {
    this.#ask = ask;
  }

  /** For the functions of a template. */
  readonly get = (query: string): Value => {
    const answer = this.#answers.get(query);
    if (answer === undefined) {
      if (this.#asked >= MOST_QUERIES)
        throw new TemplateError(`templates of one alert may ask ${MOST_QUERIES} queries`);
      throw new Unanswered(query);
    }
    if (!answer.ok) throw new TemplateError(answer.reason);
    return answer.value;
  };

  /** Runs what uses the templates of one alert until everything it asks is answered. A query that fails is an answer too. */
  async settle<T>(run: () => T): Promise<T> {
    if (this.#answers.size > MOST_KEPT) this.#answers.clear();
    for (this.#asked = 0; ; this.#asked++) {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        this.#answers.set(error.query, await this.#answer(error.query));
      }
    }
  }

  async #answer(query: string): Promise<Answer> {
    try {
      return { ok: true, value: queryResult(await this.#ask(query)) };
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
