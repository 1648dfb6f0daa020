import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { AlertCounts, Status } from '../../api/contracts.ts';
import { StateChip } from '../../ui/chip.tsx';
import { IconSearch } from '../../ui/icons.ts';
import styles from './alerts.module.css';
import { ALERT_STATES, type Alert, type AlertState } from './contracts.ts';
import { typedFilters } from './matchers.ts';
import { groupLabels } from './rows.ts';
import type { AlertsSearch } from './search.ts';

const LOOKS: Readonly<Record<AlertState, Status | null>> = {
  firing: 'unhealthy',
  pending: 'degraded',
  silenced: null,
  inhibited: null,
  folded: null,
  muted: null,
};

export interface FilterBarProps {
  readonly search: AlertsSearch;
  readonly set: (next: AlertsSearch) => void;
  readonly counts: AlertCounts | undefined;
  readonly alerts: readonly Alert[];
  readonly by: string;
}

function Filter({ search: { f = [] }, set }: Pick<FilterBarProps, 'search' | 'set'>) {
  const [typed, setTyped] = useState('');
  return (
    <form
      className={styles['typed']}
      onSubmit={(event) => {
        event.preventDefault();
        set({ f: [...new Set([...f, ...typedFilters(typed)])] });
        setTyped('');
      }}
    >
      <TextInput
        size="xs"
        aria-label="Filter alerts"
        placeholder='Words, or severity="critical"; Enter adds it'
        leftSection={<IconSearch size={14} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </form>
  );
}

/** What keeps an alert in the list, and what rows are put together by. */
export function FilterBar({ search, set, counts, alerts, by }: FilterBarProps) {
  const { f = [], state, receiver } = search;
  const labels = useMemo(() => groupLabels(alerts), [alerts]);
  return (
    <div className={styles['filters']}>
      <Filter search={search} set={set} />
      {ALERT_STATES.map((one) => (
        <StateChip
          key={one}
          count={counts?.[one] ?? 0}
          word={one}
          look={LOOKS[one]}
          chosen={state === one}
          toggle={() => set({ state: state === one ? undefined : one })}
        />
      ))}
      {f.map((matcher) => (
        <Button
          key={matcher}
          size="compact-xs"
          variant="filled"
          aria-label={`Without ${matcher}`}
          onClick={() => set({ f: f.filter((other) => other !== matcher) })}
        >
          {matcher} ×
        </Button>
      ))}
      {receiver !== undefined && (
        <Button size="compact-xs" variant="filled" onClick={() => set({ receiver: undefined })}>
          to {receiver} ×
        </Button>
      )}
      <NativeSelect
        size="xs"
        aria-label="Put together by"
        className={styles['by'] ?? ''}
        data={[
          { value: '', label: 'no groups' },
          ...[...new Set(['alertname', ...(by === '' ? [] : [by]), ...labels])].map((name) => ({
            value: name,
            label: `by ${name}`,
          })),
        ]}
        value={by}
        onChange={(event) => {
          const { value } = event.currentTarget;
          set({ by: value === 'alertname' ? undefined : value });
        }}
      />
    </div>
  );
}
