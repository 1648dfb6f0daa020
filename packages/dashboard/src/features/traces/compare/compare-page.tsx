import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { ApiError, request } from '../../../api/client.ts';
import { formatValue } from '../../../ui/format.ts';
import { IconAlertTriangle } from '../../../ui/icons.ts';
import { Bone, EmptyState, ErrorState } from '../../../ui/states.tsx';
import table from '../../../ui/table.module.css';
import { type Comparison, compareSchema } from '../contracts.ts';
import { timeOf } from '../links.ts';
import { ServiceMark } from '../service-mark.tsx';
import styles from './compare.module.css';
import { type DiffRow, diffRows, ratioWords } from './diff.ts';
import type { CompareSearch } from './search.ts';

/** Places that are asked for; those with the largest differences come first. */
const MOST_PLACES = 2000;
/** Own times that differ by less than this share of the longer trace are the same. */
const NOTABLE = 0.01;
const MOST_INDENT = 20;

function useComparison(a: string | undefined, b: string | undefined) {
  return useQuery({
    enabled: a !== undefined && b !== undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryKey: ['trace-compare', a, b],
    queryFn: ({ signal }) =>
      request('api/v1/traces/compare', compareSchema, {
        signal,
        params: { a, b, limit: String(MOST_PLACES) },
      }),
  });
}

function IdField({
  name,
  value,
  set,
}: {
  name: 'a' | 'b';
  value: string;
  set: (search: CompareSearch) => void;
}) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const compact = draft.trim().toLowerCase();
  const valid = /^[0-9a-f]{1,32}$/.test(compact);
  const commit = (): void => {
    if (valid && compact !== value) set({ [name]: compact });
  };
  return (
    <TextInput
      size="xs"
      className={styles['id'] ?? ''}
      label={name === 'a' ? 'Trace A' : 'Trace B, against A'}
      placeholder="Trace id"
      value={draft}
      error={draft !== '' && !valid && 'up to 32 hex digits'}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

function Side({ name, side }: { readonly name: string; readonly side: Comparison['a'] }) {
  return (
    <p className={styles['side']}>
      <b>{name}</b>
      <Link
        to="/traces/$traceId"
        params={{ traceId: side.trace_id }}
        search={timeOf}
        className={styles['linkish']}
      >
        {side.trace_id}
      </Link>
      <span className="num">
        {formatValue(side.duration_ns / 1e9, 'seconds')}, {side.spans.toLocaleString('en')} spans
      </span>
    </p>
  );
}

const STATE_WORDS: Readonly<Record<DiffRow['state'], string>> = {
  both: '',
  'only a': 'only in A',
  'only b': 'only in B',
  missing: '',
};

function Cell({ figures }: { readonly figures: DiffRow['a'] }) {
  if (figures.spans === 0) return <td className={`${table['right']} ${styles['quiet']}`}>–</td>;
  return (
    <td className={`${table['right']} num`}>
      {formatValue(figures.self_ns / 1e9, 'seconds')}
      <span className={styles['quiet']}>
        {' '}
        {figures.spans > 1 && `× ${figures.spans.toLocaleString('en')}`}
        {figures.errors > 0 && (
          <IconAlertTriangle size={12} role="img" aria-label={`${figures.errors} failed`} />
        )}
      </span>
    </td>
  );
}

function Row({ row, most, services }: { row: DiffRow; most: number; services: readonly string[] }) {
  const { a, b, depth, service, operation, state, difference } = row;
  const share = most > 0 ? Math.abs(difference) / most : 0;
  const signed = `${difference > 0 ? '+' : difference < 0 ? '−' : ''}${formatValue(Math.abs(difference) / 1e9, 'seconds')}`;
  return (
    <tr data-state={state}>
      <td>
        <span className={styles['place']} style={{ paddingLeft: Math.min(MOST_INDENT, depth) * 12 }}>
          <ServiceMark service={service} among={services} /> {operation}
          {STATE_WORDS[state] !== '' && <em>{STATE_WORDS[state]}</em>}
        </span>
      </td>
      <Cell figures={a} />
      <Cell figures={b} />
      <td className={`${table['right']} num`}>
        {state === 'missing' ? (
          ''
        ) : (
          <>
            <span className={styles['diffBar']} data-slower={difference > 0} aria-hidden>
              <i style={{ width: `${share * 50}%` }} />
            </span>
            {signed}
          </>
        )}
      </td>
      <td className={`${table['right']} ${styles['quiet']} num`}>
        {state === 'missing' ? '' : ratioWords(a.self_ns, b.self_ns)}
      </td>
    </tr>
  );
}

function Diff({ data, all, set }: { data: Comparison; all: boolean; set: (search: CompareSearch) => void }) {
  const least = Math.max(data.a.duration_ns, data.b.duration_ns) * NOTABLE;
  const rows = useMemo(() => diffRows(data.places, all ? null : least), [data, all, least]);
  const services = useMemo(() => [...new Set(rows.map(({ service }) => service))].toSorted(), [rows]);
  const most = rows.reduce((largest, { difference }) => Math.max(largest, Math.abs(difference)), 0);
  return (
    <>
      <div className={styles['sides']}>
        <Side name="A" side={data.a} />
        <Side name="B" side={data.b} />
        <p className={styles['side']}>
          B took <b className="num">{ratioWords(data.a.duration_ns, data.b.duration_ns)}</b>
        </p>
        <Button
          size="compact-sm"
          variant="default"
          aria-pressed={all}
          className={styles['chip'] ?? ''}
          data-chosen={all}
          onClick={() => set({ all: all ? undefined : true })}
        >
          Also what is the same
        </Button>
      </div>
      {data.warnings.map((warning) => (
        <p key={warning} className={styles['quiet']}>
          {warning}
        </p>
      ))}
      {rows.length === 0 ? (
        <p className={styles['quiet']}>
          The two have the same places, and nowhere does their own time differ by a hundredth of the longer
          trace.
        </p>
      ) : (
        <div className={table['scroll']} tabIndex={0} role="region" aria-label="Places of the two traces">
          <table className={table['table']}>
            <thead>
              <tr>
                <th>Place</th>
                <th className={table['right']}>Own time in A</th>
                <th className={table['right']}>in B</th>
                <th className={table['right']}>Difference</th>
                <th className={table['right']}>B against A</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.key} row={row} most={most} services={services} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data.total > data.places.length && (
        <p className={styles['quiet']}>
          {data.places.length.toLocaleString('en')} of {data.total.toLocaleString('en')} places, those that
          differ most.
        </p>
      )}
    </>
  );
}

/** Two traces beside each other: what one does that the other does not, and where the time of the slower one went. */
export function ComparePage() {
  const { a, b, all } = useSearch({ from: '/traces/compare' });
  const navigate = useNavigate({ from: '/traces/compare' });
  const { data, error, isFetching, refetch } = useComparison(a, b);
  const set = (next: CompareSearch): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }) });
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <>
      <div className={styles['head']}>
        <h1>Compare traces</h1>
      </div>
      <div className={styles['ids']}>
        <IdField name="a" value={a ?? ''} set={set} />
        <IdField name="b" value={b ?? ''} set={set} />
        <Button
          size="xs"
          variant="default"
          disabled={a === undefined || b === undefined}
          onClick={() => set({ a: b, b: a })}
        >
          Swap
        </Button>
      </div>
      {(a === undefined || b === undefined) && (
        <EmptyState title="Two traces are compared here">
          Write their ids above, or press Compare beside two traces of the{' '}
          <Link to="/traces" search={timeOf} className={styles['linkish']}>
            list
          </Link>
          .
        </EmptyState>
      )}
      {isFetching && data === undefined && <Bone height={320} />}
      {missing && (
        <EmptyState title="One of the traces is not there">
          {error.message}. Old traces are deleted; a trace just made may need a few seconds.
        </EmptyState>
      )}
      {error !== null && !missing && (
        <ErrorState what="The comparison" error={error} retry={() => void refetch()} />
      )}
      {data !== undefined && a !== undefined && b !== undefined && (
        <Diff data={data} all={all === true} set={set} />
      )}
    </>
  );
}
