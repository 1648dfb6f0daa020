import { z } from 'zod';
import { compile } from '../field/pattern.ts';
import { REDUCER_WORDS, reduce } from '../field/reduce.ts';
import type { Transformation } from '../model.ts';
import { type Cell, type Field, rowCount, type Table } from './table.ts';

/** What happens to the answers between the queries and the picture. Options are those of Grafana, which most dashboards bring. */
type Operation = (tables: readonly Table[], options: unknown) => readonly Table[];

const names = z.array(z.string()).catch([]);
const plainRecord = <T extends z.ZodType>(value: T) => z.record(z.string(), value).catch({});
const MAX_ROWS = 20_000;

function cellsOf(field: Field): readonly Cell[] {
  return Array.from(field.values);
}

function withFields(table: Table, fields: readonly Field[]): Table {
  return { ...table, fields };
}

function pick(table: Table, rows: readonly number[]): Table {
  return withFields(
    table,
    table.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) })),
  );
}

const organizeOptions = z.object({
  excludeByName: plainRecord(z.boolean()),
  indexByName: plainRecord(z.number()),
  renameByName: plainRecord(z.string()),
  includeByName: plainRecord(z.boolean()),
});

const organize: Operation = (tables, options) => {
  const parsed = organizeOptions.parse(options);
  const included = Object.keys(parsed.includeByName).filter((name) => parsed.includeByName[name] === true);
  return tables.map((table) =>
    withFields(
      table,
      table.fields
        .filter(
          ({ name }) =>
            parsed.excludeByName[name] !== true && (included.length === 0 || included.includes(name)),
        )
        .map((field, index) => ({ field, place: parsed.indexByName[field.name] ?? 1000 + index }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ field }) => ({ ...field, name: parsed.renameByName[field.name] || field.name })),
    ),
  );
};

/** Columns that say nothing of what a row is about: when it was asked, and which metric it came from. */
const NOT_IDENTITY: ReadonlySet<string> = new Set(['Time', '__name__']);

/** Rows of all tables in one; rows that agree in every column they share become one. */
const merge: Operation = (tables) => {
  const first = tables[0];
  if (first === undefined || tables.length === 1) return tables;
  const fields = new Map<string, Field>();
  for (const field of tables.flatMap((table) => table.fields))
    if (!fields.has(field.name)) fields.set(field.name, field);
  const shared = [...fields.keys()].filter(
    (name) =>
      !NOT_IDENTITY.has(name) && tables.every((table) => table.fields.some((field) => field.name === name)),
  );
  const rows = new Map<string, Map<string, Cell>>();
  let loose = 0;
  for (const table of tables) {
    for (let row = 0; row < Math.min(MAX_ROWS, rowCount(table)); row++) {
      const cells = new Map(table.fields.map((field) => [field.name, field.values[row] ?? null] as const));
      const identity = shared.map((name) => cells.get(name) ?? null);
      const key = shared.length === 0 ? `#${row}` : JSON.stringify(identity);
      const known = rows.get(key);
      if (known === undefined) rows.set(key, cells);
      else if (
        [...cells].every(
          ([name, value]) => NOT_IDENTITY.has(name) || !known.has(name) || known.get(name) === value,
        )
      )
        for (const [name, value] of cells) known.set(name, value);
      else rows.set(`${key} ${++loose}`, cells);
    }
  }
  const all = [...rows.values()];
  return [
    {
      ref: first.ref,
      fields: [...fields.values()].map((field) => ({
        ...field,
        values: all.map((cells) => cells.get(field.name) ?? null),
      })),
    },
  ];
};

/** Labels of series become columns beside the value. */
const labelsToFields: Operation = (tables, options) => {
  const { valueLabel, mode } = z
    .object({
      valueLabel: z.string().optional().catch(undefined),
      mode: z.string().optional().catch(undefined),
    })
    .parse(options);
  return tables.map((table) => {
    const labelled = table.fields.filter(({ labels }) => Object.keys(labels).length > 0);
    if (labelled.length === 0) return table;
    const [value] = labelled;
    if (mode === 'rows') {
      const entries = Object.entries(value?.labels ?? {});
      const column = (name: string, cells: readonly string[]): Field => ({
        name,
        kind: 'string',
        ref: table.ref,
        labels: {},
        values: cells,
      });
      return withFields(table, [
        column(
          'label',
          entries.map(([label]) => label),
        ),
        column(
          'value',
          entries.map(([, text]) => text),
        ),
      ]);
    }
    const count = rowCount(table);
    const columns = Object.entries(value?.labels ?? {})
      .filter(([label]) => label !== '__name__' && label !== valueLabel)
      .map(
        ([name, text]): Field => ({
          name,
          kind: 'string',
          ref: table.ref,
          labels: {},
          values: Array.from({ length: count }, () => text),
        }),
      );
    const named = (field: Field): string =>
      (valueLabel === undefined ? undefined : field.labels[valueLabel]) ??
      (field.labels['__name__'] || 'Value');
    return withFields(
      table,
      table.fields.flatMap((field) =>
        field === value
          ? [...columns, { ...field, name: named(field), labels: {} }]
          : [{ ...field, labels: {} }],
      ),
    );
  });
};

function figures(field: Field): readonly (number | null)[] {
  return cellsOf(field).map((value) => (typeof value === 'number' ? value : null));
}

/** One row per field with one column per way of reducing, or one row for all with a column per field. */
const reducing: Operation = (tables, options) => {
  const { reducers, mode } = z
    .object({ reducers: names, mode: z.string().catch('seriesToRows') })
    .parse(options);
  const ways = reducers.length === 0 ? ['lastNotNull'] : reducers;
  const fields = tables.flatMap((table) => table.fields.filter(({ kind }) => kind === 'number'));
  const ref = tables[0]?.ref ?? 'A';
  if (mode === 'reduceFields') {
    return tables.map((table) =>
      withFields(
        table,
        table.fields
          .filter(({ kind }) => kind === 'number')
          .map((field) => ({ ...field, values: [reduce(ways[0] ?? 'lastNotNull', figures(field))] })),
      ),
    );
  }
  const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  return [
    {
      ref,
      fields: [
        { name: 'Field', kind: 'string', ref, labels: {}, values: fields.map(({ name }) => name) },
        ...ways.map(
          (way): Field => ({
            name: REDUCED_NAMES[way] ?? capital(REDUCER_WORDS[way] ?? way),
            kind: 'number',
            ref,
            labels: {},
            values: fields.map((field) => reduce(way, figures(field))),
          }),
        ),
      ],
    },
  ];
};
/** What overrides call the columns by. */
const REDUCED_NAMES: Readonly<Record<string, string>> = {
  lastNotNull: 'Current',
  last: 'Last',
  sum: 'Total',
  mean: 'Mean',
};

const filterFieldsByName: Operation = (tables, options) => {
  const sieve = z
    .object({ names: names.optional(), pattern: z.string().optional() })
    .optional()
    .catch(undefined);
  const parsed = z.object({ include: sieve, exclude: sieve }).parse(options);
  const fits = (by: z.output<typeof sieve>, name: string): boolean =>
    by !== undefined &&
    (by.names?.includes(name) === true ||
      (by.pattern !== undefined && by.pattern !== '' && compile(by.pattern)?.test(name) === true));
  return tables
    .map((table) =>
      withFields(
        table,
        table.fields.filter(
          ({ name }) =>
            (parsed.include === undefined || fits(parsed.include, name)) && !fits(parsed.exclude, name),
        ),
      ),
    )
    .filter(({ fields }) => fields.length > 0);
};

const filterByRefId: Operation = (tables, options) => {
  const { include } = z.object({ include: z.string().catch('') }).parse(options);
  const pattern = compile(include);
  return include === '' ? tables : tables.filter(({ ref }) => ref === include || pattern?.test(ref) === true);
};

function order(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });
}

const sortBy: Operation = (tables, options) => {
  const entry = z.object({ field: z.string().catch(''), desc: z.boolean().catch(false) });
  const wanted = z.object({ sort: z.array(entry).catch([]) }).parse(options).sort[0];
  return tables.map((table) => {
    const field = table.fields.find(({ name }) => name === wanted?.field);
    if (field === undefined) return table;
    const rows = Array.from({ length: rowCount(table) }, (_, row) => row);
    const by = (a: number, b: number): number => order(field.values[a] ?? null, field.values[b] ?? null);
    return pick(
      table,
      rows.toSorted((a, b) => (wanted?.desc === true ? by(b, a) : by(a, b))),
    );
  });
};

const renameByRegex: Operation = (tables, options) => {
  const { regex, renamePattern } = z
    .object({ regex: z.string().catch(''), renamePattern: z.string().catch('') })
    .parse(options);
  const pattern = compile(regex);
  if (pattern === null || regex === '') return tables;
  return tables.map((table) =>
    withFields(
      table,
      table.fields.map((field) =>
        field.kind === 'time' ? field : { ...field, name: field.name.replace(pattern, renamePattern) },
      ),
    ),
  );
};

/** One table with a row per value of the field, and a column for every other field of each table. */
const joinByField: Operation = (tables, options) => {
  const wanted = z.object({ byField: z.string().catch('Time') }).parse(options).byField;
  const joined = tables.filter((table) => table.fields.some(({ name }) => name === wanted));
  const [first] = joined;
  if (first === undefined || joined.length === 1) return tables;
  const keyOf = (table: Table): Field | undefined => table.fields.find(({ name }) => name === wanted);
  const keys = [...new Set(joined.flatMap((table) => Array.from(keyOf(table)?.values ?? [])))].toSorted(
    order,
  );
  const columns = joined.flatMap((table) => {
    const at = new Map(Array.from(keyOf(table)?.values ?? [], (value, row) => [value, row] as const));
    return table.fields
      .filter(({ name }) => name !== wanted)
      .map((field) => ({ ...field, values: keys.map((key) => field.values[at.get(key) ?? -1] ?? null) }));
  });
  const key = keyOf(first);
  return key === undefined ? tables : [{ ref: first.ref, fields: [{ ...key, values: keys }, ...columns] }];
};

const limit: Operation = (tables, options) => {
  const { limitField } = z.object({ limitField: z.coerce.number().int().min(0).catch(10) }).parse(options);
  const rows = Array.from({ length: limitField }, (_, row) => row);
  return tables.map((table) => pick(table, rows.slice(0, rowCount(table))));
};

/** Rows that agree in the grouping columns become one; the others are reduced as told. */
const groupBy: Operation = (tables, options) => {
  const rule = z.object({ operation: z.string().nullish(), aggregations: names });
  const { fields: rules } = z.object({ fields: plainRecord(rule) }).parse(options);
  return tables.map((table) => {
    const by = table.fields.filter(({ name }) => rules[name]?.operation === 'groupby');
    if (by.length === 0) return table;
    const groups = new Map<string, number[]>();
    for (let row = 0; row < rowCount(table); row++) {
      const key = JSON.stringify(by.map((field) => field.values[row] ?? null));
      const known = groups.get(key);
      if (known === undefined) groups.set(key, [row]);
      else known.push(row);
    }
    const members = [...groups.values()];
    const reduced = table.fields.flatMap((field) =>
      (rules[field.name]?.operation === 'aggregate' ? (rules[field.name]?.aggregations ?? []) : []).map(
        (way): Field => ({
          ...field,
          kind: 'number',
          name: `${field.name} (${way})`,
          values: members.map((rows) => {
            const numbers = figures(field);
            return reduce(
              way,
              rows.map((row) => numbers[row] ?? null),
            );
          }),
        }),
      ),
    );
    return withFields(table, [
      ...by.map((field) => ({ ...field, values: members.map(([row]) => field.values[row ?? 0] ?? null) })),
      ...reduced,
    ]);
  });
};

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/** A new column of two others, or of a whole row. */
const calculateField: Operation = (tables, options) => {
  const parsed = z
    .object({
      mode: z.string().catch('reduceRow'),
      alias: z.string().catch(''),
      replaceFields: z.boolean().catch(false),
      binary: z
        .object({ left: z.unknown(), operator: z.string().catch('+'), right: z.unknown() })
        .catch({ left: '', operator: '+', right: '' }),
      reduce: z
        .object({ reducer: z.string().catch('sum'), include: names })
        .catch({ reducer: 'sum', include: [] }),
    })
    .parse(options);
  return tables.map((table) => {
    const numeric = table.fields.filter(({ kind }) => kind === 'number');
    const side = (given: unknown, row: number): number | null => {
      const matcher = z.object({ matcher: z.object({ options: z.string() }) }).safeParse(given);
      const text = matcher.success ? matcher.data.matcher.options : typeof given === 'string' ? given : '';
      const field = numeric.find(({ name }) => name === text);
      const value = field === undefined ? Number(text) : field.values[row];
      return typeof value === 'number' && !Number.isNaN(value) ? value : null;
    };
    const included = numeric.filter(
      ({ name }) => parsed.reduce.include.length === 0 || parsed.reduce.include.includes(name),
    );
    const operator = OPERATORS[parsed.binary.operator];
    const values = Array.from({ length: rowCount(table) }, (_, row) => {
      if (parsed.mode !== 'binary')
        return reduce(
          parsed.reduce.reducer,
          included.map((field) => Number(field.values[row] ?? Number.NaN)),
        );
      const [left, right] = [side(parsed.binary.left, row), side(parsed.binary.right, row)];
      return left === null || right === null || operator === undefined ? null : operator(left, right);
    });
    const made: Field = {
      name: parsed.alias || 'Calculated',
      kind: 'number',
      ref: table.ref,
      labels: {},
      values,
    };
    return withFields(
      table,
      parsed.replaceFields
        ? [...table.fields.filter(({ kind }) => kind === 'time'), made]
        : [...table.fields, made],
    );
  });
};

/** Every value of every series in a row of its own: instant, name, value. */
const seriesToRows: Operation = (tables) => {
  const rows = tables.flatMap((table) => {
    const time = table.fields.find(({ kind }) => kind === 'time');
    return table.fields
      .filter(({ kind }) => kind === 'number')
      .flatMap((field) =>
        cellsOf(field).map((value, row) => [time?.values[row] ?? null, field.name, value] as const),
      );
  });
  const shown = rows.filter(([, , value]) => value !== null).slice(-MAX_ROWS);
  const column = (name: string, kind: Field['kind'], at: 0 | 1 | 2): Field => ({
    name,
    kind,
    ref: 'A',
    labels: {},
    values: shown.map((row) => row[at]),
  });
  return [
    {
      ref: 'A',
      fields: [column('Time', 'time', 0), column('Metric', 'string', 1), column('Value', 'number', 2)],
    },
  ];
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  organize,
  merge,
  labelsToFields,
  reduce: reducing,
  filterFieldsByName,
  filterByRefId,
  sortBy,
  renameByRegex,
  joinByField,
  limit,
  groupBy,
  calculateField,
  seriesToRows,
};

/** All operations that are not switched off, in their order. */
export function transform(tables: readonly Table[], steps: readonly Transformation[]): readonly Table[] {
  return steps
    .filter(({ disabled, id }) => !disabled && Object.hasOwn(OPERATIONS, id))
    .reduce<readonly Table[]>(
      (before, { id, options }) => OPERATIONS[id]?.(before, options) ?? before,
      tables,
    );
}
