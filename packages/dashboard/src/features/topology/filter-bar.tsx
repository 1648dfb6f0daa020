import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconSearch, IconX } from '../../ui/icons.ts';
import { StatusIcon } from '../../ui/status.tsx';
import type { MapModel } from './model.ts';
import { COMPARISONS, type Comparison, type TopologySearch } from './search.ts';
import styles from './topology.module.css';
import { nameOf } from './words.tsx';

const COMPARED: Readonly<Record<Comparison, string>> = {
  before: 'the time before',
  '1h': '1 h earlier',
  '1d': '1 day earlier',
  '1w': '1 week earlier',
};

/** `vs. 1 h earlier`: what stands beside a change. */
export function comparisonWords(compare: Comparison | undefined): string {
  return compare === undefined ? '' : `vs. ${COMPARED[compare]}`;
}

export interface FilterBarProps {
  /** All there is, before the filters. */
  readonly model: MapModel;
  readonly search: TopologySearch;
  readonly view: 'map' | 'table';
  readonly set: (next: TopologySearch) => void;
}

export function FilterBar({ model, search, view, set }: FilterBarProps) {
  const { failing, stores, around, compare } = search;
  const ids = model.nodes.map(({ id, name, type }) => ({ value: id, label: name, type }));
  return (
    <div className={styles['filters']}>
      <Select
        size="xs"
        className={styles['find'] ?? ''}
        aria-label="Find a service or store"
        placeholder="Find a service or store"
        leftSection={<IconSearch size={14} />}
        searchable
        clearable
        limit={50}
        nothingFoundMessage="None has this name in this time"
        data={ids}
        value={search.node ?? null}
        onChange={(id) => set({ node: id ?? undefined, call: undefined })}
      />
      <Button
        size="compact-sm"
        variant="default"
        aria-pressed={failing === true}
        data-chosen={failing === true}
        className={styles['chip'] ?? ''}
        leftSection={<StatusIcon status="unhealthy" size={14} />}
        onClick={() => set({ failing: failing === true ? undefined : true })}
      >
        Only what fails
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        aria-pressed={stores === false}
        data-chosen={stores === false}
        className={styles['chip'] ?? ''}
        onClick={() => set({ stores: stores === false ? undefined : false })}
      >
        Services only
      </Button>
      {around !== undefined && (
        <Button
          size="compact-sm"
          variant="default"
          data-chosen
          className={styles['chip'] ?? ''}
          rightSection={<IconX size={12} aria-hidden />}
          aria-label={`Only around ${nameOf(around)}: show all again`}
          onClick={() => set({ around: undefined })}
        >
          Around {nameOf(around)}
        </Button>
      )}
      <Select
        size="xs"
        className={styles['compare'] ?? ''}
        aria-label="Compare with"
        placeholder="Compare with…"
        clearable
        data={COMPARISONS.map((value) => ({ value, label: COMPARED[value] }))}
        value={compare ?? null}
        onChange={(next) => set({ compare: COMPARISONS.find((one) => one === next) })}
      />
      <SegmentedControl
        size="xs"
        className={styles['views'] ?? ''}
        aria-label="View"
        data={[
          { value: 'map', label: 'Map' },
          { value: 'table', label: 'Table' },
        ]}
        value={view}
        onChange={(next) => set({ as: next === 'table' ? 'table' : 'map' })}
      />
    </div>
  );
}
