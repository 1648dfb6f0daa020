import { TemplateSyntaxError } from '@pharos/gotemplate';
import { isLabelName, METRIC_NAME, type ParserOptions, QueryError } from '@pharos/promql';
import { suggest } from '../../../kernel/config/suggest.ts';
import { RULE_LANGUAGES, type Rule, type RuleGroup, type RuleLanguage } from '../definition.ts';
import { compileRuleTemplate, type RuleTemplate } from '../template/rule-template.ts';
import { readExpression } from './expression.ts';
import { FieldReader, type Fields } from './field-reader.ts';
import type { RuleProblem } from './problem.ts';
import { type YamlField, YamlFile, type YamlPlace, YamlUnusable, type YamlValue } from './yaml-reader.ts';

export type RuleFileResult =
  | { readonly ok: true; readonly groups: readonly RuleGroup[] }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

export interface RuleFileOptions {
  /** Of groups that do not say; PromQL when absent. */
  readonly language?: RuleLanguage;
  /** What of PromQL is allowed. */
  readonly parser?: ParserOptions;
}

/** Reads a rule file as Prometheus and Loki do, and says everything that is wrong with it. */
export function parseRuleFile(file: string, text: string, options: RuleFileOptions = {}): RuleFileResult {
  const read = YamlFile.read(text);
  if (!read.ok) return { ok: false, problems: [{ file, ...read.place, reason: read.reason }] };
  const reader = new RuleFileReader(file, read.yaml, options);
  try {
    const groups = reader.groups();
    return reader.problems.length === 0 ? { ok: true, groups } : { ok: false, problems: reader.problems };
  } catch (error) {
    if (!(error instanceof YamlUnusable)) throw error;
    return { ok: false, problems: [{ file, ...error.place, reason: error.message }] };
  }
}

const FILE_KEYS = ['groups'] as const;
const GROUP_KEYS = ['name', 'language', 'interval', 'query_offset', 'limit', 'labels', 'rules'] as const;
const RULE_KEYS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'] as const;

/** Whose the problem is. */
type Subject = Pick<RuleProblem, 'group' | 'rule' | 'ruleName'>;

/** What the rules of a group have of it. */
interface InGroup {
  readonly labels: ReadonlyMap<string, string>;
  readonly language: RuleLanguage;
}

class RuleFileReader {
  readonly problems: RuleProblem[] = [];
  readonly #file: string;
  readonly #yaml: YamlFile;
  readonly #options: RuleFileOptions;
  readonly #read: FieldReader<Subject>;

  constructor(file: string, yaml: YamlFile, options: RuleFileOptions) {
    this.#file = file;
    this.#yaml = yaml;
    this.#options = options;
    this.#read = new FieldReader(yaml, (place, subject, reason) => this.#complain(place, subject, reason));
  }

  groups(): readonly RuleGroup[] {
    const fields = this.#read.fields(this.#yaml.root, FILE_KEYS, {});
    const names = new Set<string>();
    return this.#read.items(fields.get('groups'), {}).map((item) => this.#group(item, names));
  }

  #group(value: YamlValue, names: Set<string>): RuleGroup {
    const fields = this.#read.fields(value, GROUP_KEYS, {});
    const name = this.#read.text(fields.get('name'), {});
    const subject = { group: name };
    if (name === '') this.#complain(value.place, {}, 'Groupname must not be empty');
    else if (names.has(name))
      this.#complain(value.place, {}, `groupname: "${name}" is repeated in the same file`);
    names.add(name);
    const language = this.#language(fields.get('language'), subject);
    const labels = this.#labels(fields.get('labels'), subject);
    return {
      file: this.#file,
      name,
      language,
      intervalMs: this.#read.duration(fields.get('interval'), subject) || undefined,
      queryOffsetMs: this.#read.duration(fields.get('query_offset'), subject),
      limit: this.#read.integer(fields.get('limit'), subject),
      rules: this.#read.items(fields.get('rules'), subject).flatMap((item, index) => {
        const rule = { group: name, rule: index + 1, ruleName: this.#nameOf(item) };
        return this.#rule(item, rule, { labels, language }) ?? [];
      }),
    };
  }

  #language(field: YamlField | undefined, subject: Subject): RuleLanguage {
    const usual = this.#options.language ?? 'promql';
    const text = this.#read.text(field, subject);
    if (text === '') return usual;
    const known = RULE_LANGUAGES.find((one) => one === text);
    if (known === undefined) {
      const near = suggest(text, RULE_LANGUAGES);
      const help = near === undefined ? `expected ${RULE_LANGUAGES.join(' or ')}` : `did you mean "${near}"?`;
      this.#complain(field?.place, subject, `unknown language "${text}"; ${help}`);
    }
    return known ?? usual;
  }

  #rule(value: YamlValue, subject: Subject, group: InGroup): Rule | undefined {
    const fields = this.#read.fields(value, RULE_KEYS, subject);
    const alert = this.#read.text(fields.get('alert'), subject);
    const record = this.#read.text(fields.get('record'), subject);
    const name = alert === '' ? record : alert;
    if (alert !== '' && record !== '')
      this.#complain(
        placeOf(fields.get('record'), value),
        subject,
        "only one of 'record' and 'alert' must be set",
      );
    if (name === '') this.#complain(value.place, subject, "one of 'record' or 'alert' must be set");
    const asked = this.#expression(fields.get('expr'), value, { subject, language: group.language });
    if (record !== '') this.#checkRecording(fields, record, subject);
    const own = this.#labels(fields.get('labels'), subject);
    const labels = sorted(new Map([...group.labels, ...own]));
    const annotations = sorted(this.#annotations(fields.get('annotations'), subject));
    const forMs = this.#read.duration(fields.get('for'), subject) ?? 0;
    const keepFiringForMs = this.#read.duration(fields.get('keep_firing_for'), subject) ?? 0;
    const templates = (texts: ReadonlyMap<string, string>, what: 'label' | 'annotation', field: string) =>
      alert === ''
        ? NO_TEMPLATES
        : this.#templates(texts, what, { alert, field: fields.get(field), subject });
    const labelTemplates = templates(labels, 'label', 'labels');
    const annotationTemplates = templates(annotations, 'annotation', 'annotations');
    if (asked === undefined || name === '') return undefined;
    const base = { name, ...asked, labels };
    if (alert === '') return { kind: 'recording', ...base };
    return {
      kind: 'alerting',
      ...base,
      forMs,
      keepFiringForMs,
      annotations,
      labelTemplates,
      annotationTemplates,
    };
  }

  /** What the rule is called in problems, whatever else is wrong with it. */
  #nameOf(value: YamlValue): string {
    const fields = this.#yaml.fields(value);
    const text = (key: string): string => {
      const field = fields?.get(key);
      return field === undefined ? '' : (this.#yaml.text(field) ?? '');
    };
    return text('alert') || text('record');
  }

  #expression(
    field: YamlField | undefined,
    rule: YamlValue,
    { subject, language }: { readonly subject: Subject; readonly language: RuleLanguage },
  ): ReturnType<typeof readExpression> | undefined {
    const text = this.#read.text(field, subject);
    if (text === '') {
      this.#complain(placeOf(field, rule), subject, "field 'expr' must be set in rule");
      return undefined;
    }
    try {
      return readExpression(text, language, this.#options.parser ?? {});
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      this.#complain(placeOf(field, rule), subject, `could not parse expression: ${error.message}`);
      return undefined;
    }
  }

  #checkRecording(fields: Fields, text: string, subject: Subject): void {
    const place = fields.get('record')?.place;
    const annotations = fields.get('annotations');
    if (annotations !== undefined && (this.#yaml.fields(annotations)?.size ?? 0) > 0)
      this.#complain(place, subject, "invalid field 'annotations' in recording rule");
    for (const name of ['for', 'keep_firing_for'])
      if ((this.#read.duration(fields.get(name), subject, 'silently') ?? 0) !== 0)
        this.#complain(place, subject, `invalid field '${name}' in recording rule`);
    if (!isLabelName(text)) this.#complain(place, subject, `invalid recording rule name: ${text}`);
    if (/[{}]/.test(text))
      this.#complain(
        place,
        subject,
        `braces present in the recording rule name; should it be in expr?: ${text}`,
      );
  }

  #templates(
    texts: ReadonlyMap<string, string>,
    what: 'label' | 'annotation',
    where: { readonly alert: string; readonly field: YamlField | undefined; readonly subject: Subject },
  ): ReadonlyMap<string, RuleTemplate> {
    const compiled = new Map<string, RuleTemplate>();
    const places = where.field === undefined ? undefined : this.#yaml.fields(where.field);
    for (const [name, text] of texts) {
      try {
        compiled.set(name, compileRuleTemplate(where.alert, text));
      } catch (error) {
        if (!(error instanceof TemplateSyntaxError)) throw error;
        const place = places?.get(name)?.place ?? where.field?.place;
        this.#complain(place, where.subject, `${what} ${JSON.stringify(name)}: ${error.message}`);
      }
    }
    return compiled;
  }

  #labels(field: YamlField | undefined, subject: Subject): ReadonlyMap<string, string> {
    return this.#read.texts(field, subject, (name, value, { keyPlace, place }) => {
      if (!isLabelName(name) || name === METRIC_NAME)
        this.#complain(keyPlace, subject, `invalid label name: ${name}`);
      if (!isUnicode(value)) this.#complain(place, subject, `invalid label value: ${value}`);
    });
  }

  #annotations(field: YamlField | undefined, subject: Subject): ReadonlyMap<string, string> {
    return this.#read.texts(field, subject, (name, _value, { keyPlace }) => {
      if (!isLabelName(name)) this.#complain(keyPlace, subject, `invalid annotation name: ${name}`);
    });
  }

  #complain(place: YamlPlace | undefined, subject: Subject, reason: string): void {
    this.problems.push({ file: this.#file, ...place, ...subject, reason });
  }
}

const NO_TEMPLATES: ReadonlyMap<string, RuleTemplate> = new Map();

function placeOf(field: YamlField | undefined, otherwise: YamlValue): YamlPlace {
  return field?.place ?? otherwise.place;
}

function sorted(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** No halves of characters, which no UTF-8 can hold. */
function isUnicode(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}
