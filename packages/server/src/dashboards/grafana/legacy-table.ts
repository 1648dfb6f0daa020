import { type Json, list, number, record, records, text } from './json.ts';

type Property = { readonly id: string; readonly value: unknown };

/** `table-old` (and `table` with `styles`) becomes today's `table`. */
export function oldTablePanel(old: Json): Json {
  const sort = record(old['sort']);
  return {
    ...old,
    type: 'table',
    fieldConfig: { defaults: {}, overrides: records(old['styles']).flatMap(overrideOf) },
    options: { showHeader: old['showHeader'] !== false, sortBy: sortColumn(old, sort) },
    transformations: transformationsOf(old),
  };
}

/** Columns were sorted by their place; by name only where it is known. */
function sortColumn(old: Json, sort: Json): Json[] {
  const place = number(sort['col']);
  const names = records(old['columns']).map((column) => text(column['text']));
  const name = place === undefined ? undefined : names[place - 1];
  return name === undefined ? [] : [{ displayName: name, desc: sort['desc'] === true }];
}

function transformationsOf(old: Json): Json[] {
  switch (old['transform']) {
    case 'timeseries_aggregations': {
      const reducers = records(old['columns']).map((column) => {
        const wanted = text(column['value']);
        return wanted === 'avg'
          ? 'mean'
          : wanted === 'current'
            ? 'lastNotNull'
            : wanted === 'total'
              ? 'sum'
              : wanted;
      });
      return [{ id: 'reduce', options: { reducers: reducers.length === 0 ? ['mean'] : reducers } }];
    }
    case 'timeseries_to_columns':
      return [{ id: 'joinByField', options: { byField: 'Time' } }];
    case 'timeseries_to_rows':
      return [{ id: 'seriesToRows', options: {} }];
    default:
      return [{ id: 'merge', options: {} }];
  }
}

/** The catch-all style at the end of every old table says nothing about a column and is left out. */
function overrideOf(style: Json): Json[] {
  const pattern = text(style['pattern']);
  const properties = propertiesOf(style);
  if (pattern === '/.*/' || properties.length === 0) return [];
  return [
    {
      matcher: { id: pattern.startsWith('/') ? 'byRegexp' : 'byName', options: pattern },
      properties,
    },
  ];
}

function propertiesOf(style: Json): Property[] {
  const found: Property[] = [];
  const set = (id: string, value: unknown): void => {
    found.push({ id, value });
  };
  if (text(style['alias']) !== '') set('displayName', text(style['alias']));
  if (style['type'] === 'hidden') set('custom.hidden', true);
  if (text(style['unit']) !== '' && style['type'] === 'number') set('unit', text(style['unit']));
  if (style['type'] === 'date') set('unit', 'dateTimeAsIso');
  const decimals = number(style['decimals']);
  if (decimals !== undefined && style['type'] === 'number') set('decimals', decimals);
  const thresholds = list(style['thresholds']).flatMap((value) => number(value) ?? []);
  const colors = list(style['colors']).map((color) => text(color));
  if (thresholds.length > 0 && style['colorMode'] != null) {
    set('thresholds', {
      mode: 'absolute',
      steps: [
        { value: null, color: colors[0] ?? 'green' },
        ...thresholds.map((value, index) => ({ value, color: colors[index + 1] ?? 'red' })),
      ],
    });
    const background = text(style['colorMode']) === 'cell' || text(style['colorMode']) === 'row';
    set('custom.cellOptions', { type: background ? 'color-background' : 'color-text' });
  }
  if (style['link'] === true && text(style['linkUrl']) !== '') {
    const url = text(style['linkUrl']).replaceAll(/\$__cell\b/g, '$${__value.raw}');
    set('links', [
      { title: text(style['linkTooltip']), url, targetBlank: style['linkTargetBlank'] === true },
    ]);
  }
  return found;
}
