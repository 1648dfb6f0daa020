import { Button, Select } from '@mantine/core';
import { StatusIcon } from '../../ui/status.tsx';
import { DECISIONS, STATUSES } from './contracts.ts';
import styles from './events.module.css';
import type { EventsFilter } from './search.ts';
import { DECISION_MEANS, LOOK, WORD } from './verdict-mark.tsx';

/** Names that a list offers; a reader who needs another one types it in the link. */
const MOST_NAMES = 200;

interface FiltersProps {
  readonly filter: EventsFilter;
  readonly set: (next: EventsFilter) => void;
  readonly counts:
    | Readonly<
        Record<'by_status' | 'by_source' | 'by_event_type' | 'by_rule', Readonly<Record<string, number>>>
      >
    | undefined;
}

/** The names with the most events first, with the one that is chosen in any case. */
function namesOf(counts: Readonly<Record<string, number>> | undefined, chosen: string | undefined): string[] {
  const names = Object.entries(counts ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_NAMES)
    .map(([name]) => name);
  return chosen === undefined || names.includes(chosen) ? names : [chosen, ...names];
}

/** Which events are listed: by status, source, type, decision, and by the rule that found something. */
export function Filters({ filter, set, counts }: FiltersProps) {
  const choice = (
    label: string,
    names: readonly (string | { readonly value: string; readonly label: string })[],
    value: string | undefined,
    choose: (value: string | undefined) => void,
  ) => (
    <Select
      size="xs"
      aria-label={label}
      placeholder={label}
      data={names}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Any ${label.toLowerCase()}` }}
      value={value ?? null}
      onChange={(next) => choose(next ?? undefined)}
    />
  );
  return (
    <div className={styles['filters']}>
      {STATUSES.toReversed().map((status) => (
        <Button
          key={status}
          size="compact-sm"
          variant="default"
          className={styles['chip'] ?? ''}
          data-chosen={filter.status === status}
          aria-pressed={filter.status === status}
          onClick={() => set({ status: filter.status === status ? undefined : status })}
          leftSection={<StatusIcon status={LOOK[status]} size={14} />}
        >
          {counts !== undefined && (counts.by_status[status] ?? 0).toLocaleString('en')} {WORD[status]}
        </Button>
      ))}
      {choice('Source', namesOf(counts?.by_source, filter.source), filter.source, (source) =>
        set({ source }),
      )}
      {choice('Type', namesOf(counts?.by_event_type, filter.type), filter.type, (type) => set({ type }))}
      {choice('Rule', namesOf(counts?.by_rule, filter.rule), filter.rule, (rule) => set({ rule }))}
      {choice(
        'Decision',
        DECISIONS.map((value) => ({ value, label: `${value.toLowerCase()}: ${DECISION_MEANS[value]}` })),
        filter.decision,
        (value) => set({ decision: DECISIONS.find((known) => known === value) }),
      )}
    </div>
  );
}
