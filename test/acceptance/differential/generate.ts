import type { Random } from '../../../packages/server/src/kernel/random.ts';

/** A generated expression. Exact ones involve no rounding, so that they may be compared, rounded and subtracted. */
interface Made {
  readonly text: string;
  readonly exact: boolean;
}

export interface Generated {
  readonly query: string;
  /** Has a subquery: evaluation times must keep off its steps. */
  readonly subquery: boolean;
}

const GAUGES = ['temperature', 'memory_bytes', 'sparse', 'negative', 'limit_bytes', 'steps'] as const;
const COUNTERS = ['requests_total', 'latency_seconds_count', 'latency_seconds_sum', 'sparse_total'] as const;
/** Values that no two series share: which of equal ones topk takes is nobody's promise. */
const DISTINCT = ['temperature', 'memory_bytes', 'negative'] as const;
/** What may give NaN or an infinity. */
const NOT_FINITE = /scalar\(|ln\(|sqrt\(|exp\(|histogram_|[/%]/;
const MATCHERS = [
  'instance="a:1"',
  'instance!="b:2"',
  'instance=~"[ab]:.*"',
  'instance!~".*:3"',
  'job="api"',
  'job=~"api|web"',
  'job!=""',
  'code!="404"',
  'code=~"5.."',
  'nothing=""',
] as const;
const LABELS = ['instance', 'job', 'code', 'version', 'le', 'nothing'] as const;
const EXACT_OVER_TIME = ['last', 'min', 'max', 'count', 'present'] as const;
const INEXACT_OVER_TIME = ['avg', 'sum', 'stddev', 'stdvar'] as const;

/**
 * Expressions over the data of data.ts and native-histograms.ts, nested up to a depth. What 2.42 answers otherwise than 3 is left
 * out, or not in the data:
 * - names after atan2; subqueries within subqueries (whose closed windows would begin on steps);
 * - counters near zero: 2.42 takes the time at which they were zero for the begin of the series before it asks whether that is
 *   near enough to extrapolate to, 3 asks first, so that two samples far apart give two rates;
 * - `@` below predict_linear, where 2.42's range queries disagree with its own instant ones;
 * - stddev and stdvar of a single NaN or infinity, which 2.42 says do not deviate and 3 says NaN;
 * - of native histograms: quantiles and fractions within a bucket (2.42 interpolates linearly, 3 exponentially), last_over_time
 *   (2.42 loses the histogram), rates whose extrapolation reaches zero (only 3 stops there), a coarser first sample that a reset
 *   follows (2.42's rate takes its resolution, 3 looks away from it), and functions and operators 2.42 has for floats alone.
 */
export class ExpressionGenerator {
  readonly #random: Random;
  readonly #start: number;
  #subquery = false;

  /** `start`: first time of the data in seconds, for `@`. */
  constructor(random: Random, start: number) {
    this.#random = random;
    this.#start = start;
  }

  next(): Generated {
    this.#subquery = false;
    const { text } = this.#chance(0.05) ? { text: this.#native(2) } : this.#vector(1 + this.#below(3));
    return { query: text, subquery: this.#subquery };
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the lists are not empty
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #window(): string {
    return this.#pick(['1m', '2m', '5m', '7m30s', '20m', '1h']);
  }

  #selector(names: readonly string[]): string {
    const matchers = [...new Set(Array.from({ length: this.#below(3) }, () => this.#pick(MATCHERS)))];
    return this.#pick(names) + (matchers.length > 0 ? `{${matchers.join(',')}}` : '');
  }

  #when(): string {
    if (this.#chance(0.8)) return '';
    if (this.#chance(0.6)) return ` offset ${this.#pick(['1m', '5m', '12m', '-3m'])}`;
    const at = this.#pick(['start()', 'end()', String(this.#start + 60 * this.#below(110) + 7)]);
    return ` @ ${at}${this.#chance(0.3) ? ' offset 2m' : ''}`;
  }

  #instant(): Made {
    return { text: this.#selector([...GAUGES, ...COUNTERS, 'build_info']) + this.#when(), exact: true };
  }

  #vector(depth: number): Made {
    if (depth <= 0) return this.#chance(0.5) ? this.#instant() : this.#range();
    const shapes: readonly (() => Made)[] = [
      () => this.#range(),
      () => this.#aggregate(depth),
      () => this.#aggregate(depth),
      () => this.#arithmetic(depth),
      () => this.#matched(depth),
      () => this.#comparison(depth),
      () => this.#set(depth),
      () => this.#element(depth),
      () => this.#label(depth),
      () => this.#histogram(),
      () => this.#ofNative(),
      () => this.#subqueryCall(depth),
      () => this.#odd(depth),
    ];
    return this.#pick(shapes)();
  }

  #range(): Made {
    const counter = (): string => `${this.#selector(COUNTERS)}[${this.#window()}]${this.#when()}`;
    const gauge = (): string =>
      `${this.#selector([...GAUGES, ...COUNTERS])}[${this.#window()}]${this.#when()}`;
    const plain = (): string =>
      `${this.#selector(GAUGES)}[${this.#window()}] offset ${this.#pick(['1m', '5m'])}`;
    return this.#pick([
      () => ({ text: `${this.#pick(['rate', 'increase', 'irate'])}(${counter()})`, exact: false }),
      () => ({ text: `${this.#pick(['rate', 'increase'])}(${counter()})`, exact: false }),
      () => ({ text: `${this.#pick(['delta', 'idelta', 'deriv'])}(${gauge()})`, exact: false }),
      () => ({ text: `${this.#pick(['changes', 'resets'])}(${gauge()})`, exact: true }),
      () => ({ text: `${this.#pick(EXACT_OVER_TIME)}_over_time(${gauge()})`, exact: true }),
      () => ({ text: `${this.#pick(INEXACT_OVER_TIME)}_over_time(${gauge()})`, exact: false }),
      () => ({ text: `quantile_over_time(${this.#pick(['0.1', '0.5', '0.99'])}, ${gauge()})`, exact: false }),
      () => ({ text: `predict_linear(${plain()}, ${this.#pick(['60', '-600', '3600'])})`, exact: false }),
    ])();
  }

  #grouping(): string {
    if (this.#chance(0.25)) return '';
    const labels = [...new Set(Array.from({ length: 1 + this.#below(2) }, () => this.#pick(LABELS)))];
    return `${this.#pick([' by', ' without'])} (${labels.join(', ')}) `;
  }

  #aggregate(depth: number): Made {
    if (this.#chance(0.15)) {
      const of = `${this.#pick(DISTINCT)}${this.#when()}`;
      return {
        text: `${this.#pick(['topk', 'bottomk'])}${this.#grouping()}(${1 + this.#below(4)}, ${of})`,
        exact: true,
      };
    }
    const inner = this.#vector(depth - 1);
    if (this.#chance(0.1))
      return {
        text: `quantile${this.#grouping()}(${this.#pick(['0', '0.3', '0.9', '1'])}, ${inner.text})`,
        exact: false,
      };
    if (this.#chance(0.45))
      return {
        text: `${this.#pick(['min', 'max', 'count', 'group'])}${this.#grouping()}(${inner.text})`,
        exact: inner.exact,
      };
    const deviations = NOT_FINITE.test(inner.text) ? [] : ['stddev', 'stdvar'];
    return {
      text: `${this.#pick(['sum', 'sum', 'avg', ...deviations])}${this.#grouping()}(${inner.text})`,
      exact: false,
    };
  }

  #arithmetic(depth: number): Made {
    const inner = this.#vector(depth - 1);
    const number = this.#pick(['2', '0.5', '100', '1e3', '7']);
    const op = this.#pick(inner.exact ? ['+', '-', '*', '/', '%'] : ['+', '*', '/']);
    const text = this.#chance(0.7) ? `(${inner.text}) ${op} ${number}` : `${number} ${op} (${inner.text})`;
    return { text, exact: false };
  }

  #matching(): string {
    if (this.#chance(0.3)) return '';
    const labels = [...new Set(Array.from({ length: 1 + this.#below(2) }, () => this.#pick(LABELS)))];
    return ` ${this.#pick(['on', 'ignoring'])} (${labels.join(', ')})`;
  }

  #matched(depth: number): Made {
    const [left, right] = [this.#vector(depth - 1), this.#vector(depth - 1)];
    const op = this.#pick(left.exact && right.exact ? ['+', '-', '*', '/'] : ['*', '/', '+']);
    const matching = this.#matching();
    const group =
      matching !== '' && this.#chance(0.4) ? ` ${this.#pick(['group_left', 'group_right'])} ()` : '';
    return { text: `(${left.text}) ${op}${matching}${group} (${right.text})`, exact: false };
  }

  #comparison(depth: number): Made {
    const inner = this.#vector(depth - 1);
    if (!inner.exact) return inner;
    const op = this.#pick(['==', '!=', '>', '<', '>=', '<=']);
    const bool = this.#chance(0.3) ? ' bool' : '';
    return {
      text: `(${inner.text}) ${op}${bool} ${this.#pick(['0', '1', '20', '1000', '4e8'])}`,
      exact: true,
    };
  }

  #set(depth: number): Made {
    const [left, right] = [this.#vector(depth - 1), this.#vector(depth - 1)];
    const text = `(${left.text}) ${this.#pick(['and', 'or', 'unless'])}${this.#matching()} (${right.text})`;
    return { text, exact: left.exact && right.exact };
  }

  #element(depth: number): Made {
    const inner = this.#vector(depth - 1);
    const { text, exact } = inner;
    if (!exact) return { text: `${this.#pick(['abs', 'sqrt', '-'])}(${text})`, exact: false };
    return this.#pick([
      () => ({ text: `${this.#pick(['abs', 'ceil', 'floor', 'sgn', '-'])}(${text})`, exact: true }),
      () => ({ text: `round(${text}, ${this.#pick(['1', '0.5', '10'])})`, exact: false }),
      () => ({
        text: `${this.#pick(['clamp_min', 'clamp_max'])}(${text}, ${this.#pick(['0', '20'])})`,
        exact: true,
      }),
      () => ({ text: `${this.#pick(['sqrt', 'ln', 'exp'])}((${text}) / 1e9)`, exact: false }),
      () => ({ text: `timestamp(${text})`, exact: true }),
    ])();
  }

  #label(depth: number): Made {
    const { text, exact } = this.#vector(depth - 1);
    const made = this.#pick([
      `label_replace(${text}, "host", "$1", "instance", "(.*):.*")`,
      `label_replace(${text}, "job", "x", "job", "api")`,
      `label_replace(${text}, "code", "\${1}xx", "code", "(.)..")`,
      `label_join(${text}, "both", "-", "job", "instance")`,
    ]);
    return { text: made, exact };
  }

  #histogram(): Made {
    const by = this.#pick(['le', 'le, instance']);
    const rate = `rate(${this.#selector(['latency_seconds_bucket'])}[${this.#window()}])`;
    const inner = this.#chance(0.7) ? `sum by (${by}) (${rate})` : rate;
    return {
      text: `histogram_quantile(${this.#pick(['0', '0.5', '0.9', '0.99', '1'])}, ${inner})`,
      exact: false,
    };
  }

  /** An expression whose values are native histograms. */
  #native(depth: number): string {
    const raw = (): string => this.#selector(['duration_seconds']);
    const shapes: (() => string)[] = [
      () => raw() + this.#when(),
      () => `${this.#pick(['rate', 'increase', 'delta'])}(${raw()}[${this.#window()}]${this.#when()})`,
      () => `${this.#pick(['rate', 'increase'])}(${raw()}[${this.#window()}])`,
    ];
    if (depth > 0)
      shapes.push(
        () => `sum${this.#grouping()}(${this.#native(depth - 1)})`,
        () => `(${this.#native(depth - 1)}) + ignoring (nothing) (${this.#native(depth - 1)})`,
      );
    return this.#pick(shapes)();
  }

  /** Floats out of native histograms. Quantiles and fractions only where nothing lies within a bucket. */
  #ofNative(): Made {
    const inner = this.#native(1);
    const exact = !/rate|increase|delta|sum/.test(inner);
    return this.#pick([
      () => ({ text: `histogram_count(${inner})`, exact }),
      () => ({ text: `histogram_sum(${inner})`, exact: false }),
      // Some of the counts of a delta are negative, and no rank means anything among them.
      () =>
        inner.includes('delta')
          ? { text: `histogram_sum(${inner})`, exact: false }
          : { text: `histogram_quantile(${this.#pick(['-1', '0', '1', '2'])}, ${inner})`, exact: false },
      () => ({
        text: `histogram_fraction(${this.#pick(['-Inf, 2', '-Inf, +Inf', '1, 4', '-2, +Inf', '-1, 1'])}, ${inner})`,
        exact: false,
      }),
      () => ({ text: `${this.#pick(['count', 'group'])}${this.#grouping()}(${inner})`, exact: true }),
      () => ({
        text: `${this.#pick(['count', 'present'])}_over_time(duration_seconds[${this.#window()}])`,
        exact: true,
      }),
    ])();
  }

  #subqueryCall(depth: number): Made {
    if (this.#subquery) return this.#range();
    this.#subquery = true;
    const inner = this.#vector(depth - 1);
    const range = `[${this.#pick(['5m', '10m', '20m'])}:${this.#pick(['', '30s', '1m'])}]`;
    const exact = inner.exact && this.#chance(0.5);
    const names = exact ? EXACT_OVER_TIME : [...INEXACT_OVER_TIME, ...EXACT_OVER_TIME];
    return { text: `${this.#pick(names)}_over_time((${inner.text})${range})`, exact };
  }

  #odd(depth: number): Made {
    const { text } = this.#vector(depth - 1);
    return this.#pick([
      () => ({ text: `absent(${text})`, exact: true }),
      () => ({ text: `absent_over_time(${this.#selector(['sparse', 'temperature'])}[1m])`, exact: true }),
      () => ({ text: `vector(scalar(${text}))`, exact: false }),
      () => ({ text: `vector(time())`, exact: true }),
      () => ({ text: `${this.#pick(['hour', 'minute', 'day_of_week'])}(vector(time()))`, exact: true }),
      () => ({ text: `count_values${this.#grouping()}("value", steps)`, exact: true }),
    ])();
  }
}
