import type { PrometheusClient } from '@prometheus-io/codemirror-promql';
import { EqlRegex, EqlSingle, Neq, NeqRegex } from '@prometheus-io/lezer-promql';
import { z } from 'zod';
import { request } from '../../api/client.ts';

const texts = z.object({ data: z.array(z.string()) });
const active = z.object({
  metrics: z.array(
    z.object({ name: z.string(), type: z.string().default(''), help: z.string().default('') }),
  ),
});
type Metric = z.infer<typeof active>['metrics'][number];

/** Names come from what was active of late; older ones can still be typed. */
const LOOK_BACK_SECONDS = 3600;
/** More than this nobody reads in a list; typing narrows it. */
const MOST = 10_000;
const KEEP_MS = 60_000;
const MOST_KEPT = 200;

type Matchers = Parameters<PrometheusClient['labelValues']>[2];

const OPERATORS: ReadonlyMap<number, string> = new Map([
  [EqlSingle, '='],
  [Neq, '!='],
  [EqlRegex, '=~'],
  [NeqRegex, '!~'],
]);

/** A selector of the metric and of the other matchers beside the label being typed; undefined selects everything. */
export function selectorOf(metric: string, matchers: Matchers, label: string): string | undefined {
  const parts = metric === '' ? [] : [`__name__=${JSON.stringify(metric)}`];
  for (const { name, type, value } of matchers ?? []) {
    if (name !== label && value !== '')
      parts.push(`${JSON.stringify(name)}${OPERATORS.get(type) ?? '='}${JSON.stringify(value)}`);
  }
  // A selector needs one matcher that does not match emptiness; without one nothing is narrowed.
  const narrows =
    metric !== '' || matchers?.some((matcher) => matcher.name !== label && matcher.value !== '');
  return narrows === true ? `{${parts.join(',')}}` : undefined;
}

/** Asks each question once a minute; a question that failed may be asked again at once. */
class Kept<T> {
  readonly #answers = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const now = Date.now();
    const kept = this.#answers.get(key);
    if (kept !== undefined && now - kept.at < KEEP_MS) return kept.answer;
    if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
    const answer = ask();
    this.#answers.set(key, { at: now, answer });
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }
}

/** Answers completion from the live labels of this server. A failure is an empty list: typing goes on. */
export class LiveClient implements PrometheusClient {
  readonly #lists = new Kept<string[]>();
  readonly #metrics = new Kept<readonly Metric[]>();

  labelNames(metric = ''): Promise<string[]> {
    return this.#list('api/v1/labels', selectorOf(metric, undefined, ''));
  }

  labelValues(label: string, metric = '', matchers?: Matchers): Promise<string[]> {
    return this.#list(
      `api/v1/label/${encodeURIComponent(label)}/values`,
      selectorOf(metric, matchers, label),
    );
  }

  async metricNames(): Promise<string[]> {
    return (await this.#active()).map(({ name }) => name);
  }

  async metricMetadata(): Promise<Record<string, { type: string; help: string }[]>> {
    const described = (await this.#active()).filter(({ type, help }) => type !== '' || help !== '');
    return Object.fromEntries(described.map(({ name, type, help }) => [name, [{ type, help }]]));
  }

  /** Only asked for by strategies that are not used here. */
  series(): Promise<Map<string, string>[]> {
    return Promise.resolve([]);
  }

  flags(): Promise<Record<string, string>> {
    return Promise.resolve({});
  }

  /** Names and descriptions of the active metrics: the server counts them as they come, so that this costs no walk over all series. */
  #active(): Promise<readonly Metric[]> {
    return this.#metrics
      .get('', async () => {
        const params = { limit: String(MOST) };
        return (await request('api/v1/cardinality/metrics', active, { params })).metrics;
      })
      .catch(() => []);
  }

  #list(path: string, selector: string | undefined): Promise<string[]> {
    return this.#lists
      .get(`${path} ${selector ?? ''}`, async () => {
        const now = Math.floor(Date.now() / 1000);
        const params = {
          'match[]': selector,
          start: String(now - LOOK_BACK_SECONDS),
          end: String(now),
          limit: String(MOST),
        };
        return (await request(path, texts, { params })).data;
      })
      .catch(() => []);
  }
}
