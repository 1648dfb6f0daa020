import { ALL_VALUES, type Variable } from '../model.ts';
import { fillIn, type ImportContext, sourceOf } from './context.ts';
import { integer, isRecord, type Json, record, records, text, texts } from './json.ts';

const SORTS = [
  'none',
  'alpha',
  'alpha-desc',
  'number',
  'number-desc',
  'alpha',
  'alpha-desc',
  'natural',
  'natural-desc',
] as const;
const HIDE = ['no', 'label', 'variable'] as const;

function commonOf(json: Json): Pick<Variable, 'name' | 'label' | 'description' | 'hide'> {
  const hide = json['hide'];
  const named: Readonly<Record<string, (typeof HIDE)[number]>> = {
    hideLabel: 'label',
    hideVariable: 'variable',
  };
  return {
    name: text(json['name'], '', 100),
    label: text(json['label'], '', 200),
    description: text(json['description'], '', 2000),
    hide: typeof hide === 'number' ? (HIDE[hide] ?? 'no') : (named[text(hide)] ?? 'no'),
  };
}

function currentOf(json: Json): string[] {
  const value = record(json['current'])['value'];
  const chosen = Array.isArray(value) ? texts(value) : text(value) === '' ? [] : [text(value)];
  // Before version 5 "all" was stored as its text.
  return chosen
    .map((one) => (one === 'All' && json['includeAll'] === true ? ALL_VALUES : one))
    .slice(0, 2000);
}

function choiceOf(json: Json) {
  return {
    multi: json['multi'] === true,
    includeAll: json['includeAll'] === true,
    allValue: text(json['allValue']),
    current: currentOf(json),
  };
}

type Reader = (json: Json, context: ImportContext) => Variable | null;

const READERS: Readonly<Record<string, Reader>> = {
  query: queryVariable,
  custom: (json) => ({ type: 'custom', ...commonOf(json), ...choiceOf(json), options: customOptions(json) }),
  constant: (json, context) => ({
    type: 'constant',
    ...commonOf(json),
    value: fillIn(text(json['query']), context),
  }),
  interval: (json) => ({
    type: 'interval',
    ...commonOf(json),
    values: text(json['query'], '', 5000)
      .split(',')
      .map((value) => value.trim().replaceAll('"', '').slice(0, 50))
      .filter(Boolean)
      .slice(0, 100),
    ...(json['auto'] === true
      ? {
          auto: {
            steps: integer(json['auto_count'], 1, 1000) ?? 30,
            min: text(json['auto_min'], '10s', 20),
          },
        }
      : {}),
    current: currentOf(json).map((value) => (value.startsWith('$__auto') ? '$__auto' : value)),
  }),
  textbox: (json) => ({
    type: 'textbox',
    ...commonOf(json),
    current: currentOf(json).length > 0 ? currentOf(json) : [text(json['query'])],
  }),
  datasource: (json) => ({
    type: 'datasource',
    ...commonOf(json),
    multi: false,
    includeAll: false,
    allValue: '',
    current: [],
    kind: text(json['query'], 'prometheus', 100),
  }),
};

function queryVariable(json: Json, context: ImportContext): Variable | null {
  const source = sourceOf(json['datasource'], context);
  if (source !== 'metrics') {
    context.report.lost('its values come from another kind of data source; what was chosen is kept as text');
    return { type: 'textbox', ...commonOf(json), current: currentOf(json) };
  }
  const { query } = json;
  const asked = isRecord(query) ? text(query['query'], '', 10_000) : text(query, '', 10_000);
  const regex = text(json['regex'], '', 1000);
  return {
    type: 'query',
    ...commonOf(json),
    ...choiceOf(json),
    query: fillIn(asked || text(json['definition'], '', 10_000), context),
    regex: fillIn(regex, context),
    sort: SORTS[integer(json['sort'], 0, 8) ?? 0] ?? 'none',
    refresh: json['refresh'] === 2 || json['refresh'] === 'onTimeRangeChanged' ? 'range' : 'load',
  };
}

/** `a, b : text, c\,d`: texts and values of a custom variable, as typed or as stored. */
function customOptions(json: Json): { value: string; text: string }[] {
  const typed = text(json['query'], '', 100_000)
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .filter(Boolean)
    .map((part) => {
      const named = /^(.+?)\s+:\s+(.+)$/.exec(part);
      return named === null ? { value: part, text: part } : { value: named[2] ?? '', text: named[1] ?? '' };
    });
  const stored = records(json['options'])
    .map((option) => ({ value: text(option['value']), text: text(option['text']) }))
    .filter(({ value }) => value !== ALL_VALUES);
  return (typed.length > 0 ? typed : stored)
    .slice(0, 2000)
    .map((option) => ({ value: option.value.slice(0, 2000), text: option.text.slice(0, 2000) }));
}

/** The variables of a dashboard; those that Pharos has not are named. */
export function variablesOf(json: Json, context: ImportContext): Variable[] {
  const seen = new Set<string>();
  return records(record(json['templating'])['list'])
    .slice(0, 100)
    .flatMap((entry) => {
      const name = text(entry['name'], '', 100);
      const type = text(entry['type']) || 'query';
      return context.report.at(`variable "${name}"`, () => {
        if (!/^\w{1,100}$/.test(name) || seen.has(name)) {
          context.report.lost(
            seen.has(name)
              ? 'another has the same name'
              : 'its name has other signs than letters, digits and _',
          );
          return [];
        }
        const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
        if (reader === undefined) {
          context.report.lost(
            type === 'adhoc' ? 'ad hoc filters are not added to queries' : `variables of the kind "${type}"`,
          );
          return [];
        }
        seen.add(name);
        return reader(entry, context) ?? [];
      });
    });
}
