import { type Json, list, number, record, records, text } from './json.ts';

const CALCS: Readonly<Record<string, string>> = {
  avg: 'mean',
  current: 'lastNotNull',
  min: 'min',
  max: 'max',
  total: 'sum',
  first: 'first',
  name: 'name',
  delta: 'diff',
  diff: 'diff',
  range: 'range',
};

/** `singlestat` becomes `stat`, or `gauge` when it was drawn as one. */
export function singlestatPanel(old: Json): Json {
  const gauge = record(old['gauge']);
  const isGauge = gauge['show'] === true;
  const prefix = text(old['prefix']);
  const postfix = text(old['postfix']);
  const unit = text(old['format'], 'none');
  // A postfix is a unit that Grafana had no word for; a prefix such as "$" too.
  const named = postfix.trim() !== '' && unit === 'none' ? `suffix:${postfix.trim()}` : unit;
  return {
    ...old,
    type: isGauge ? 'gauge' : 'stat',
    fieldConfig: {
      defaults: {
        unit: prefix.trim() !== '' && named === 'none' ? `prefix:${prefix.trim()}` : named,
        decimals: number(old['decimals']),
        noValue: text(old['nullText']),
        ...(isGauge ? { min: number(gauge['minValue']) ?? 0, max: number(gauge['maxValue']) ?? 100 } : {}),
        thresholds: { mode: 'absolute', steps: stepsOf(old) },
        mappings: mappingsOf(old),
        color: { mode: 'thresholds' },
      },
      overrides: [],
    },
    options: {
      reduceOptions: { calcs: [CALCS[text(old['valueName'])] ?? 'lastNotNull'], values: false },
      colorMode:
        old['colorBackground'] === true ? 'background' : old['colorValue'] === true ? 'value' : 'none',
      graphMode: record(old['sparkline'])['show'] === true ? 'area' : 'none',
      textMode: old['valueName'] === 'name' ? 'name' : 'auto',
    },
  };
}

function stepsOf(old: Json): Json[] {
  const colors = list(old['colors']).map((color) => text(color));
  const values = text(old['thresholds'])
    .split(',')
    .flatMap((part) => number(part) ?? []);
  return [
    { value: null, color: colors[0] ?? 'green' },
    ...values.map((value, index) => ({ value, color: colors[index + 1] ?? 'red' })),
  ];
}

function mappingsOf(old: Json): Json[] {
  const values = records(old['valueMaps'])
    .filter((map) => text(map['value']) !== '')
    .map((map) => ({ type: 1, value: text(map['value']), text: text(map['text']) }));
  const ranges = records(old['rangeMaps'])
    .filter((map) => text(map['from']) !== 'null' || text(map['to']) !== 'null')
    .map((map) => ({ type: 2, from: map['from'], to: map['to'], text: text(map['text']) }));
  return number(old['mappingType']) === 2 ? ranges : values;
}
