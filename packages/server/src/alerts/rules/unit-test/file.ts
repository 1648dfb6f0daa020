import { FieldReader, type Fields } from '../file/field-reader.ts';
import { type RuleProblem, ruleProblemLine } from '../file/problem.ts';
import { type YamlField, YamlFile, YamlUnusable, type YamlValue } from '../file/yaml-reader.ts';

/** Unit tests of rules as promtool's file format has them. Durations and times in ms. */
interface UnitTestFile {
  /** As they are written. */
  readonly ruleFiles: readonly string[];
  readonly evaluationMs: number;
  /** Neighbouring numbers count as equal. */
  readonly isFuzzy: boolean;
  /** Where in the order of evaluation a group of this name stands. */
  readonly order: ReadonlyMap<string, number>;
  readonly tests: readonly UnitTest[];
}

/** Series, and what rules make of them. */
export interface UnitTest {
  readonly name: string;
  readonly intervalMs: number;
  /** The time of the first samples and of the first evaluation, ms since the Unix epoch. */
  readonly startMs: number;
  readonly series: readonly InputSeries[];
  readonly alerts: readonly AlertTest[];
  readonly expressions: readonly ExpressionTest[];
  readonly externalLabels: ReadonlyMap<string, string>;
  readonly externalUrl: string;
}

/** A series in the notation of promqltest. */
interface InputSeries {
  readonly series: string;
  readonly values: string;
  readonly line: number;
}

export interface AlertTest {
  readonly alertName: string;
  /** After the start. */
  readonly at: number;
  readonly expected: readonly ExpectedAlert[];
}

export interface ExpectedAlert {
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface ExpressionTest {
  readonly expr: string;
  /** After the start. */
  readonly at: number;
  readonly expected: readonly ExpectedSample[];
}

export interface ExpectedSample {
  /** In the notation of series. */
  readonly labels: string;
  readonly value: number;
  /** In the notation of histograms; empty for a number. */
  readonly histogram: string;
}

type UnitTestFileResult =
  | { readonly ok: true; readonly file: UnitTestFile }
  | { readonly ok: false; readonly problems: readonly string[] };

const FILE_KEYS = ['rule_files', 'evaluation_interval', 'fuzzy_compare', 'group_eval_order', 'tests'];
const TEST_KEYS = [
  'name',
  'interval',
  'start_timestamp',
  'input_series',
  'alert_rule_test',
  'promql_expr_test',
  'external_labels',
  'external_url',
];
const DEFAULT_INTERVAL_MS = 60_000;

/** Reads a file of unit tests, and says everything that is wrong with its form. */
export function parseUnitTests(path: string, text: string): UnitTestFileResult {
  const read = YamlFile.read(text);
  if (!read.ok) return refused([{ file: path, ...read.place, reason: read.reason }]);
  const reader = new UnitTestReader(path, read.yaml);
  try {
    const file = reader.file();
    return reader.problems.length === 0 ? { ok: true, file } : refused(reader.problems);
  } catch (error) {
    if (!(error instanceof YamlUnusable)) throw error;
    return refused([{ file: path, ...error.place, reason: error.message }]);
  }
}

function refused(problems: readonly RuleProblem[]): UnitTestFileResult {
  return { ok: false, problems: problems.map(ruleProblemLine) };
}

class UnitTestReader {
  readonly problems: RuleProblem[] = [];
  readonly #path: string;
  readonly #yaml: YamlFile;
  readonly #read: FieldReader<undefined>;

  constructor(path: string, yaml: YamlFile) {
    this.#path = path;
    this.#yaml = yaml;
    this.#read = new FieldReader(yaml, (place, _subject, reason) => this.#complain(place, reason));
  }

  file(): UnitTestFile {
    const fields = this.#read.fields(this.#yaml.root, FILE_KEYS, undefined);
    const evaluationMs = this.#ms(fields.get('evaluation_interval')) || DEFAULT_INTERVAL_MS;
    return {
      ruleFiles: this.#listOfTexts(fields.get('rule_files')),
      evaluationMs,
      isFuzzy: this.#read.flag(fields.get('fuzzy_compare'), undefined),
      order: this.#order(fields.get('group_eval_order')),
      tests: this.#items(fields, 'tests').map((item) => this.#test(item, evaluationMs)),
    };
  }

  #order(field: YamlField | undefined): ReadonlyMap<string, number> {
    const order = new Map<string, number>();
    for (const [place, name] of this.#listOfTexts(field).entries()) {
      if (order.has(name)) this.#complain(field?.place, `group name repeated in evaluation order: ${name}`);
      order.set(name, place);
    }
    return order;
  }

  #test(value: YamlValue, evaluationMs: number): UnitTest {
    const fields = this.#read.fields(value, TEST_KEYS, undefined);
    return {
      name: this.#text(fields, 'name'),
      intervalMs: this.#ms(fields.get('interval')) || evaluationMs,
      startMs: this.#start(fields.get('start_timestamp')),
      series: this.#items(fields, 'input_series').map((item) => this.#series(item)),
      alerts: this.#items(fields, 'alert_rule_test').map((item) => this.#alertTest(item)),
      expressions: this.#items(fields, 'promql_expr_test').map((item) => this.#expressionTest(item)),
      externalLabels: this.#read.texts(fields.get('external_labels'), undefined),
      externalUrl: this.#text(fields, 'external_url').replace(/\/+$/, ''),
    };
  }

  #series(value: YamlValue): InputSeries {
    const fields = this.#read.fields(value, ['series', 'values'], undefined);
    return {
      series: this.#text(fields, 'series'),
      values: this.#text(fields, 'values'),
      line: value.place.line,
    };
  }

  #alertTest(value: YamlValue): AlertTest {
    const fields = this.#read.fields(value, ['eval_time', 'alertname', 'exp_alerts'], undefined);
    const alertName = this.#text(fields, 'alertname');
    return {
      alertName,
      at: this.#ms(fields.get('eval_time')),
      expected: this.#items(fields, 'exp_alerts').map((item) => {
        const own = this.#read.fields(item, ['exp_labels', 'exp_annotations'], undefined);
        const labels = this.#read.texts(own.get('exp_labels'), undefined);
        return {
          labels: new Map([...labels, ['alertname', alertName]]),
          annotations: this.#read.texts(own.get('exp_annotations'), undefined),
        };
      }),
    };
  }

  #expressionTest(value: YamlValue): ExpressionTest {
    const fields = this.#read.fields(value, ['expr', 'eval_time', 'exp_samples'], undefined);
    return {
      expr: this.#text(fields, 'expr'),
      at: this.#ms(fields.get('eval_time')),
      expected: this.#items(fields, 'exp_samples').map((item) => {
        const own = this.#read.fields(item, ['labels', 'value', 'histogram'], undefined);
        return {
          labels: this.#text(own, 'labels'),
          value: this.#read.number(own.get('value'), undefined),
          histogram: this.#text(own, 'histogram').trim(),
        };
      }),
    };
  }

  /** Seconds since the Unix epoch, or a time as RFC 3339 has it. */
  #start(field: YamlField | undefined): number {
    const text = this.#read.text(field, undefined);
    if (text === '') return 0;
    if (/^-?\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
    const time = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(time)) return time;
    this.#complain(field?.place, `neither a Unix time in seconds nor one as 2024-01-01T00:00:00Z: ${text}`);
    return 0;
  }

  #items(fields: Fields, name: string): readonly YamlValue[] {
    return this.#read.items(fields.get(name), undefined);
  }

  #text(fields: Fields, name: string): string {
    return this.#read.text(fields.get(name), undefined);
  }

  #ms(field: YamlField | undefined): number {
    return this.#read.duration(field, undefined) ?? 0;
  }

  #listOfTexts(field: YamlField | undefined): readonly string[] {
    return this.#read.items(field, undefined).map((item) => {
      const text = this.#yaml.text(item);
      if (text === undefined) this.#complain(item.place, 'expected a text');
      return text ?? '';
    });
  }

  #complain(place: YamlValue['place'] | undefined, reason: string): void {
    this.problems.push({ file: this.#path, ...place, reason });
  }
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
