import { parseDuration, QueryError } from '@pharos/promql';
import { suggest } from '../../../kernel/config/suggest.ts';
import type { YamlField, YamlFile, YamlPlace, YamlValue } from './yaml-reader.ts';

export type Fields = ReadonlyMap<string, YamlField>;

/** Reads the values of a YAML file as what they should be. What is none of that is complained of, with whose it is, and reading goes on. */
export class FieldReader<Subject> {
  readonly #yaml: YamlFile;
  readonly #complain: (place: YamlPlace | undefined, subject: Subject, reason: string) => void;

  constructor(
    yaml: YamlFile,
    complain: (place: YamlPlace | undefined, subject: Subject, reason: string) => void,
  ) {
    this.#yaml = yaml;
    this.#complain = complain;
  }

  /** The fields of a mapping; what is none, and names nobody knows, are problems. */
  fields(value: YamlValue, known: readonly string[], subject: Subject): Fields {
    const fields = this.#yaml.fields(value);
    if (fields === undefined) {
      this.#complain(value.place, subject, `expected a mapping with ${known.join(', ')}`);
      return new Map();
    }
    for (const [name, { keyPlace }] of fields) {
      if (known.includes(name)) continue;
      const near = suggest(name, known);
      const help = near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
      this.#complain(keyPlace, subject, `unknown field "${name}"; ${help}`);
    }
    return fields;
  }

  items(field: YamlField | undefined, subject: Subject): readonly YamlValue[] {
    if (field === undefined) return [];
    const items = this.#yaml.items(field);
    if (items === undefined) this.#complain(field.place, subject, 'expected a list');
    return items ?? [];
  }

  text(field: YamlField | undefined, subject: Subject): string {
    if (field === undefined) return '';
    const text = this.#yaml.text(field);
    if (text === undefined) this.#complain(field.place, subject, 'expected a text');
    return text ?? '';
  }

  /** In ms; undefined when absent, empty or no duration, which is a problem unless it is looked at again. */
  duration(field: YamlField | undefined, subject: Subject, silently?: 'silently'): number | undefined {
    if (field === undefined || this.#yaml.isNothing(field)) return undefined;
    const text = this.#yaml.text(field);
    try {
      if (text !== undefined) return parseDuration(text);
      if (silently === undefined) this.#complain(field.place, subject, 'expected a duration');
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      if (silently === undefined) this.#complain(field.place, subject, error.message);
    }
    return undefined;
  }

  integer(field: YamlField | undefined, subject: Subject): number {
    if (field === undefined) return 0;
    const text = this.text(field, subject);
    if (text === '') return 0;
    if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
    this.#complain(field.place, subject, `"${text}" is not a whole number`);
    return 0;
  }

  /** 0 when absent. */
  number(field: YamlField | undefined, subject: Subject): number {
    if (field === undefined || this.#yaml.isNothing(field)) return 0;
    const value = this.#yaml.plain(field);
    if (typeof value === 'number') return value;
    this.#complain(field.place, subject, 'expected a number');
    return 0;
  }

  /** False when absent. */
  flag(field: YamlField | undefined, subject: Subject): boolean {
    if (field === undefined || this.#yaml.isNothing(field)) return false;
    const value = this.#yaml.plain(field);
    if (typeof value === 'boolean') return value;
    this.#complain(field.place, subject, 'expected true or false');
    return false;
  }

  /** Texts by name, in the order of the file; `check` may complain of each. */
  texts(
    field: YamlField | undefined,
    subject: Subject,
    check: (name: string, value: string, field: YamlField) => void = () => {},
  ): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    if (field === undefined) return texts;
    const fields = this.#yaml.fields(field);
    if (fields === undefined) this.#complain(field.place, subject, 'expected a mapping of names to texts');
    for (const [name, inner] of fields ?? []) {
      const text = this.text(inner, subject);
      check(name, text, inner);
      texts.set(name, text);
    }
    return texts;
  }
}
