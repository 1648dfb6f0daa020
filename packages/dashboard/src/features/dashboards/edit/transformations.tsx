import { MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { z } from 'zod';
import { REDUCER_WORDS } from '../field/reduce.ts';
import type { Transformation } from '../model.ts';
import styles from './edit.module.css';
import { JsonField } from './json-field.tsx';
import { Entries, type PartProps, toNumber } from './parts.tsx';

type Options = Transformation['options'];
const WORDS: Readonly<Record<string, string>> = {
  merge: 'Merge the answers into one table',
  organize: 'Hide, rename and order columns',
  labelsToFields: 'Labels become columns',
  reduce: 'Reduce each series to figures',
  filterFieldsByName: 'Keep series or columns by name',
  filterByRefId: 'Keep the answers of some queries',
  sortBy: 'Sort rows',
  renameByRegex: 'Rename by a pattern',
  joinByField: 'Join answers by a column',
  limit: 'Keep the first rows',
  groupBy: 'Group rows',
  calculateField: 'Calculate a column',
  seriesToRows: 'A row for every value',
};

const words = z.array(z.string()).catch([]);
const text = z.string().catch('');
const flags = z.record(z.string(), z.boolean()).catch({});
const texts = z.record(z.string(), z.string()).catch({});

interface FormProps {
  readonly options: Options;
  readonly change: (options: Options) => void;
}

/** Columns are named as the table shows them; `old = new` renames one. */
function Organize({ options, change }: FormProps) {
  const hidden = flags.parse(options['excludeByName']);
  const renamed = texts.parse(options['renameByName']);
  return (
    <div className={styles['line']}>
      <TagsInput
        size="xs"
        miw={240}
        label="Hidden columns"
        value={Object.keys(hidden).filter((name) => hidden[name] === true)}
        onChange={(names) =>
          change({ ...options, excludeByName: Object.fromEntries(names.map((name) => [name, true])) })
        }
      />
      <TagsInput
        size="xs"
        miw={240}
        label="Renamed"
        placeholder="Value #A = Requests"
        splitChars={['\n']}
        value={Object.entries(renamed).map(([from, to]) => `${from} = ${to}`)}
        onChange={(pairs) =>
          change({
            ...options,
            renameByName: Object.fromEntries(
              pairs.map((pair) => {
                const [from = '', ...to] = pair.split('=');
                return [from.trim(), to.join('=').trim()];
              }),
            ),
          })
        }
      />
    </div>
  );
}

function Reduce({ options, change }: FormProps) {
  const chosen = words.parse(options['reducers']);
  return (
    <div className={styles['line']}>
      <MultiSelect
        size="xs"
        miw={240}
        label="Figures"
        data={Object.entries(REDUCER_WORDS).map(([value, label]) => ({ value, label }))}
        value={chosen.filter((name) => Object.hasOwn(REDUCER_WORDS, name))}
        onChange={(reducers) => change({ ...options, reducers })}
      />
      <Select
        size="xs"
        label="As"
        allowDeselect={false}
        data={[
          { value: 'seriesToRows', label: 'a row for each series' },
          { value: 'reduceFields', label: 'one row, a column for each' },
        ]}
        value={text.parse(options['mode']) || 'seriesToRows'}
        onChange={(mode) => mode !== null && change({ ...options, mode })}
      />
    </div>
  );
}

function FilterByName({ options, change }: FormProps) {
  const include = z.object({ names: words, pattern: text }).catch({ names: [], pattern: '' });
  const kept = include.parse(options['include'] ?? {});
  // Without a condition everything stays: an empty one would keep nothing.
  const put = (to: { names: string[]; pattern: string }): void => {
    const { include: _, ...others } = options;
    change(to.names.length === 0 && to.pattern === '' ? others : { ...options, include: to });
  };
  return (
    <div className={styles['line']}>
      <TagsInput
        size="xs"
        miw={240}
        label="These names"
        value={kept.names}
        onChange={(names) => put({ ...kept, names })}
      />
      <TextInput
        size="xs"
        label="and those that fit"
        placeholder="pattern"
        value={kept.pattern}
        onChange={({ currentTarget }) => put({ ...kept, pattern: currentTarget.value })}
      />
    </div>
  );
}

function SortBy({ options, change }: FormProps) {
  const entry = z.object({ field: text, desc: z.boolean().catch(false) });
  const [by = { field: '', desc: false }] = z.array(entry).catch([]).parse(options['sort']);
  return (
    <div className={styles['line']}>
      <TextInput
        size="xs"
        label="By the column"
        value={by.field}
        onChange={({ currentTarget }) =>
          change({ ...options, sort: [{ ...by, field: currentTarget.value }] })
        }
      />
      <Switch
        size="xs"
        label="Largest first"
        checked={by.desc}
        onChange={({ currentTarget }) =>
          change({ ...options, sort: [{ ...by, desc: currentTarget.checked }] })
        }
      />
    </div>
  );
}

function Rename({ options, change }: FormProps) {
  return (
    <div className={styles['line']}>
      <TextInput
        size="xs"
        label="Pattern"
        value={text.parse(options['regex'])}
        onChange={({ currentTarget }) => change({ ...options, regex: currentTarget.value })}
      />
      <TextInput
        size="xs"
        label="Becomes"
        placeholder="$1"
        value={text.parse(options['renamePattern'])}
        onChange={({ currentTarget }) => change({ ...options, renamePattern: currentTarget.value })}
      />
    </div>
  );
}

/** One text option. */
function Plain({
  options,
  change,
  name,
  label,
  placeholder,
}: FormProps & { name: string; label: string; placeholder: string }) {
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      value={text.parse(options[name])}
      onChange={({ currentTarget }) => change({ ...options, [name]: currentTarget.value })}
    />
  );
}

const JSON_LINES = { least: 3, most: 16 };

/** For the operations whose options are a small language of their own. */
function AsJson({ options, change }: FormProps) {
  return <JsonField label="Options, as JSON" lines={JSON_LINES} value={options} onChange={change} />;
}

function OptionsForm({ id, ...props }: FormProps & { readonly id: string }) {
  switch (id) {
    case 'merge':
    case 'seriesToRows':
      return null;
    case 'organize':
      return <Organize {...props} />;
    case 'reduce':
      return <Reduce {...props} />;
    case 'filterFieldsByName':
      return <FilterByName {...props} />;
    case 'sortBy':
      return <SortBy {...props} />;
    case 'renameByRegex':
      return <Rename {...props} />;
    case 'filterByRefId':
      return <Plain {...props} name="include" label="Queries" placeholder="A, or a pattern such as A|C" />;
    case 'joinByField':
      return <Plain {...props} name="byField" label="Column" placeholder="Time" />;
    case 'labelsToFields':
      return (
        <Plain {...props} name="valueLabel" label="Name values by the label" placeholder="as the metric" />
      );
    case 'limit':
      return (
        <NumberInput
          size="xs"
          w={110}
          min={0}
          label="Rows"
          value={z.coerce
            .number()
            .catch(10)
            .parse(props.options['limitField'] ?? 10)}
          onChange={(value) => props.change({ ...props.options, limitField: toNumber(value) ?? 10 })}
        />
      );
    default:
      return <AsJson {...props} />;
  }
}

/** What happens to the answers before they are shown, in this order. */
export function Transformations({ panel, set }: PartProps) {
  return (
    <Entries
      what="transformation"
      ordered
      entries={panel.transformations}
      onChange={(transformations) => set({ transformations })}
      make={(): Transformation => ({ id: 'merge', disabled: false, options: {} })}
      titleOf={({ id }, index) => `${index + 1}. ${WORDS[id] ?? id}`}
    >
      {(one, change) => (
        <div className={styles['stack']}>
          <div className={styles['line']}>
            <Select
              size="xs"
              w={260}
              label="What"
              allowDeselect={false}
              data={Object.entries(WORDS).map(([value, label]) => ({ value, label }))}
              value={one.id}
              onChange={(id) => id !== null && id !== one.id && change({ ...one, id, options: {} })}
            />
            <Switch
              size="xs"
              label="On"
              checked={!one.disabled}
              onChange={({ currentTarget }) => change({ ...one, disabled: !currentTarget.checked })}
            />
          </div>
          <OptionsForm
            key={one.id}
            id={one.id}
            options={one.options}
            change={(options) => change({ ...one, options })}
          />
        </div>
      )}
    </Entries>
  );
}
