import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { z } from 'zod';
import { request } from '../../../api/client.ts';
import { formatValue } from '../../../ui/format.ts';
import { IconX } from '../../../ui/icons.ts';
import { Bone, ErrorLine } from '../../../ui/states.tsx';
import { attributionSchema, type OverRepresented, type Points } from '../contracts.ts';
import { timeOf } from '../links.ts';
import styles from '../traces.module.css';
import { failedOf, partsOf, type Selection, slowestOf, thinned } from './plot.ts';
import { durationText, type TracesSearch } from './search.ts';

/** Traces of each side that are read. */
const MOST_READ = 200;
const FIRST_VALUES = 12;
const WHAT = ['selection', 'failed', 'slowest'] as const;
type What = (typeof WHAT)[number];
const WORDS: Readonly<Record<What, string>> = {
  selection: 'Chosen',
  failed: 'Failed',
  slowest: 'Slowest 5 %',
};

type Answer = z.infer<typeof attributionSchema>;

function useAttribution(selected: readonly string[], others: readonly string[]) {
  const body = { selected: thinned(selected, MOST_READ), others: thinned(others, MOST_READ), limit: 60 };
  return useQuery({
    enabled: body.selected.length > 0 && body.others.length > 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryKey: ['trace-attribution', body],
    queryFn: ({ signal }) =>
      request('api/v1/traces/attribution', attributionSchema, { method: 'POST', body, signal }),
  });
}

function Value({
  value: { service, key, value, ...shares },
  search,
}: {
  value: OverRepresented;
  search: TracesSearch;
}) {
  const own =
    key === 'service' ? { service: value } : key === 'operation' ? { service, operation: value } : null;
  const tags = (search.tag ?? []).filter((other) => other !== `${key}=${value}`);
  const narrowed = own ?? { tag: [...tags, `${key}=${value}`] };
  return (
    <tr>
      <td>
        <Link
          to="/traces"
          search={(previous) => ({ ...timeOf(previous), ...search, sel: undefined, ...narrowed })}
          className={styles['valueName']}
          title="Only traces with it"
        >
          <span className={styles['quiet']}>
            {service === '' ? '' : `${service} · `}
            {key}
          </span>{' '}
          <b>{value === '' ? '(empty)' : value}</b>
        </Link>
      </td>
      {(['selected_share', 'others_share'] as const).map((side) => (
        <td key={side} className="num">
          <span className={styles['share']} data-side={side} aria-hidden>
            <i style={{ width: `${shares[side] * 100}%` }} />
          </span>
          {formatValue(shares[side], 'ratio')}
        </td>
      ))}
    </tr>
  );
}

interface ChoiceProps {
  readonly what: What | null;
  readonly choose: (what: What | null) => void;
  readonly selection: Selection | undefined;
  readonly clear: () => void;
  readonly zoom: (selection: Selection) => void;
}

function Choice({ what, choose, selection, clear, zoom }: ChoiceProps) {
  return (
    <div className={styles['attributionHead']}>
      <h2>What have these in common?</h2>
      <SegmentedControl
        size="xs"
        aria-label="Which traces"
        value={what ?? ''}
        onChange={(next) => choose(WHAT.find((known) => known === next) ?? null)}
        data={WHAT.map((value) => ({
          value,
          label: WORDS[value],
          disabled: value === 'selection' && selection === undefined,
        }))}
      />
      {selection !== undefined && (
        <>
          <span className={`${styles['quiet']} num`}>
            {formatValue(selection[2] / 1e9, 'seconds')} to {formatValue(selection[3] / 1e9, 'seconds')}
          </span>
          <Button size="compact-xs" variant="default" onClick={() => zoom(selection)}>
            Search only there
          </Button>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<IconX size={12} />}
            onClick={clear}
          >
            Clear
          </Button>
        </>
      )}
    </div>
  );
}

function Values({ answer, search }: { readonly answer: Answer; readonly search: TracesSearch }) {
  const [all, setAll] = useState(false);
  const { values } = answer;
  const shown = all ? values : values.slice(0, FIRST_VALUES);
  const [selected, others] = [answer.selected.toLocaleString('en'), answer.others.toLocaleString('en')];
  if (values.length === 0)
    return (
      <p className={styles['quiet']}>
        No attribute stands out among {selected} of them against {others} others.
      </p>
    );
  return (
    <div className={styles['valuesScroll']}>
      <table className={styles['values']}>
        <thead>
          <tr>
            <th>Carried by a span</th>
            <th>of {selected} of them</th>
            <th>of {others} others</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((value) => (
            <Value key={`${value.service} ${value.key} ${value.value}`} value={value} search={search} />
          ))}
        </tbody>
      </table>
      {values.length > shown.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          {values.length - shown.length} more
        </Button>
      )}
    </div>
  );
}

/** Which of the plot's traces are compared with which; none of either where that says nothing. */
function sidesOf(data: Points, what: What | null, selection: Selection | undefined) {
  if (what === 'selection' && selection !== undefined) return partsOf(data, selection);
  if (what === 'failed') return failedOf(data);
  return what === 'slowest' ? slowestOf(data) : { selected: [], others: [] };
}

function Advice({ what, some }: { readonly what: What | null; readonly some: boolean }) {
  if (what === null)
    return 'Drag over the plot, or take the failed or the slowest: attributes that they carry more often than the others stand here.';
  return some ? 'All are: there is nothing to compare with.' : 'None of the traces in the plot is one.';
}

interface AttributionProps {
  readonly data: Points;
  readonly search: TracesSearch;
  readonly selection: Selection | undefined;
  readonly set: (next: TracesSearch) => void;
  readonly zoom: (selection: Selection) => void;
}

/** What chosen, failed or slow traces have in common that the others in the plot have not. */
export function Attribution({ data, search, selection, set, zoom }: AttributionProps) {
  const [chosen, setChosen] = useState<What | null>(null);
  const wanted = chosen ?? (selection === undefined ? null : 'selection');
  const what = wanted === 'selection' && selection === undefined ? null : wanted;
  const { selected, others } = useMemo(() => sidesOf(data, what, selection), [data, what, selection]);
  const comparable = selected.length > 0 && others.length > 0;
  const { data: answer, error, isFetching } = useAttribution(selected, others);
  return (
    <section className={styles['attribution']} aria-label="What they have in common">
      <Choice
        what={what}
        choose={setChosen}
        selection={selection}
        clear={() => {
          setChosen(null);
          set({ sel: undefined });
        }}
        zoom={zoom}
      />
      {!comparable && (
        <p className={styles['quiet']}>
          <Advice what={what} some={selected.length > 0} />
        </p>
      )}
      {error !== null && <ErrorLine what="What they have in common" error={error} />}
      {isFetching && answer === undefined && <Bone height={96} />}
      {comparable && answer !== undefined && <Values answer={answer} search={search} />}
    </section>
  );
}

/** The filters of a part of the plot. */
export function searchOfSelection([from, to, min, max]: Selection) {
  return {
    range: undefined,
    from: Math.floor(from),
    // The application's ranges have 10 s at least.
    to: Math.max(Math.ceil(to), Math.floor(from) + 10_000),
    min: durationText(min),
    max: durationText(max),
    sel: undefined,
  };
}
