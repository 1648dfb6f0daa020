import { Button, SegmentedControl } from '@mantine/core';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';
import { ApiError } from '../../../api/client.ts';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../../ui/states.tsx';
import { findRows, rowsOfInterest, SHOWN, type Shown } from '../model/rows.ts';
import type { Trace } from '../model/trace.ts';
import { FindField } from './find-field.tsx';
import { FlameView } from './flame-view.tsx';
import { OperationsView } from './operations-view.tsx';
import { type TraceSearch, VIEWS, type View } from './search.ts';
import { SpanPanel } from './span-panel.tsx';
import styles from './trace.module.css';
import { TraceHead } from './trace-head.tsx';
import { useFoundByServer, useTrace } from './use-trace.ts';
import { Waterfall } from './waterfall.tsx';

const VIEW_WORDS: Readonly<Record<View, string>> = {
  waterfall: 'Waterfall',
  flame: 'Flame graph',
  operations: 'Operations',
};
const SHOWN_WORDS: Readonly<Record<Shown, string>> = {
  all: 'All spans',
  errors: 'Failed',
  path: 'Critical path',
  found: 'Found',
};

/** What the URL says of the view, and how to say something else. */
function useTraceView() {
  const { span, find = '', ...chosen } = useSearch({ from: '/traces/$traceId' });
  const view: View = chosen.view ?? 'waterfall';
  const show: Shown = chosen.show ?? 'all';
  const navigate = useNavigate({ from: '/traces/$traceId' });
  const set = useCallback(
    (next: TraceSearch) => void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true }),
    [navigate],
  );
  return { span: span ?? null, view, find, show, set };
}

function Notes({ trace, changed, retry }: { trace: Trace; changed: boolean; retry: () => void }) {
  const notes = [
    trace.orphans > 0 &&
      `${trace.orphans.toLocaleString('en')} spans name a parent that was not sent: the trace is partial, and they stand at its root.`,
    trace.cycles > 0 &&
      `${trace.cycles.toLocaleString('en')} spans were their own ancestors; the chain is cut there.`,
    trace.skewed > 0 &&
      `${trace.skewed.toLocaleString('en')} spans are moved into their parents, since the clocks of their hosts differ. The detail of a span says by how much.`,
    ...trace.warnings,
  ].filter((note) => typeof note === 'string');
  return (
    <>
      {notes.map((note) => (
        <p key={note} className={styles['note']}>
          {note}
        </p>
      ))}
      {changed && (
        <p className={styles['note']} role="status">
          Spans of this trace came while it was read.{' '}
          <button type="button" className={styles['linkish']} onClick={retry}>
            Read it again
          </button>
        </p>
      )}
    </>
  );
}

function Loaded({ trace, changed, retry }: { trace: Trace; changed: boolean; retry: () => void }) {
  const { span, view, find, show, set } = useTraceView();
  const input = useRef<HTMLInputElement>(null);
  const others = useFoundByServer(trace.id, find);
  const found = useMemo(() => findRows(trace, find, others), [trace, find, others]);
  const shown: Shown = show === 'found' && found === null ? 'all' : show;
  const interest = useMemo(() => rowsOfInterest(trace, shown, found), [trace, shown, found]);
  const open = useCallback((id: string | null) => set({ span: id ?? undefined }), [set]);
  const row = useMemo(() => (span === null ? -1 : trace.spanIds.indexOf(span)), [trace, span]);
  const step = (by: 1 | -1): void => {
    if (found === null || found.rows.length === 0) return;
    const count = found.rows.length;
    const after = found.rows.findIndex((candidate) => candidate >= row + (by === 1 ? 1 : 0));
    const next = after === -1 ? (by === 1 ? 0 : count - 1) : by === 1 ? after : after - 1;
    open(trace.spanIds[found.rows[(next + count) % count]] ?? null);
  };
  useHotkeys([
    { keys: '/', label: 'Find in the trace', group: 'Page', run: () => input.current?.focus() },
    { keys: 'n', label: 'Next span found', group: 'Lists', run: () => step(1) },
    { keys: 'N', label: 'Previous span found', group: 'Lists', run: () => step(-1) },
    { keys: 'Escape', label: 'Close the span', group: 'Page', run: () => open(null) },
  ]);
  return (
    <>
      <TraceHead trace={trace} />
      <Notes trace={trace} changed={changed} retry={retry} />
      <div className={styles['bar']}>
        <SegmentedControl
          size="xs"
          aria-label="View"
          value={view}
          data={VIEWS.map((value) => ({ value, label: VIEW_WORDS[value] }))}
          onChange={(next) => {
            const wanted = VIEWS.find((known) => known === next);
            set({ view: wanted === 'waterfall' ? undefined : wanted });
          }}
        />
        <FindField input={input} text={find} found={found} row={row} step={step} set={set} />
        {view === 'waterfall' && (
          <div className={styles['chips']} role="group" aria-label="Spans shown">
            {SHOWN.map((value) => {
              const useless =
                (value === 'errors' && trace.errors === 0) || (value === 'found' && found === null);
              return (
                <Button
                  key={value}
                  size="compact-sm"
                  variant="default"
                  className={styles['chip'] ?? ''}
                  aria-pressed={shown === value}
                  data-chosen={shown === value}
                  disabled={useless}
                  onClick={() => set({ show: value === 'all' ? undefined : value })}
                >
                  {SHOWN_WORDS[value]}
                </Button>
              );
            })}
          </div>
        )}
      </div>
      <div className={styles['body']} data-open={span !== null}>
        {view === 'flame' && <FlameView trace={trace} find={find} open={open} />}
        {view === 'operations' && <OperationsView trace={trace} find={find} open={open} />}
        {view === 'waterfall' && (
          <Waterfall trace={trace} interest={interest} found={found} row={row} open={open} />
        )}
        {span !== null && (
          <SpanPanel key={span} trace={trace} spanId={span} row={row} open={open} close={() => open(null)} />
        )}
      </div>
    </>
  );
}

function Missing({ id }: { readonly id: string }) {
  return (
    <EmptyState title="There is no such trace">
      No span of {id} is stored. A trace just made may need a few seconds to arrive, an old one may have been
      deleted, and a trace that was not sampled never comes.{' '}
      <Link to="/traces" search={true} className={styles['linkish']}>
        Search the traces
      </Link>
    </EmptyState>
  );
}

/** One trace: where its time went, span by span. */
export function TracePage() {
  const { traceId } = useParams({ from: '/traces/$traceId' });
  const { answer, trace, changed } = useTrace(traceId);
  const { error } = answer;
  const retry = (): void => void answer.refetch();
  if (trace !== null)
    return (
      <>
        {error !== null && <ErrorLine what="The rest of the trace" error={error} />}
        <Loaded trace={trace} changed={changed} retry={retry} />
      </>
    );
  return (
    <>
      <div className={styles['head']}>
        <h1>Trace</h1>
      </div>
      {error === null && <Bone height={480} />}
      {error instanceof ApiError && error.status === 404 && <Missing id={traceId} />}
      {error !== null && !(error instanceof ApiError && error.status === 404) && (
        <ErrorState what="The trace" error={error} retry={retry} />
      )}
    </>
  );
}
