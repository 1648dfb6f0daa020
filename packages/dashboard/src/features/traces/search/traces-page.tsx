import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { boundsOf, type TimeRange } from '../../../time/range.ts';
import { useTimeRange } from '../../../time/use-range.ts';
import { copyText } from '../../../ui/copy.ts';
import { IconShare } from '../../../ui/icons.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../../ui/states.tsx';
import { timeOf } from '../links.ts';
import styles from '../traces.module.css';
import { Attribution, searchOfSelection } from './attribution.tsx';
import type { Selection } from './plot.ts';
import { QueryBar } from './query-bar.tsx';
import { Scatter } from './scatter.tsx';
import type { TracesSearch } from './search.ts';
import { TraceList } from './trace-list.tsx';
import { MOST_TRACES, searchKey, usePoints, useTraces } from './use-traces.ts';

const SEND = `OTEL_EXPORTER_OTLP_ENDPOINT=${window.location.origin} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf node app.js`;

/** A trace whose id one has: from a log line, a header, a colleague. */
function OpenById() {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const compact = id.trim().toLowerCase();
  const valid = /^[0-9a-f]{1,32}$/.test(compact);
  return (
    <TextInput
      size="xs"
      aria-label="Open a trace by its id"
      placeholder="Trace id, Enter opens"
      value={id}
      error={id !== '' && !valid}
      onChange={(event) => setId(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
        if (event.key === 'Enter' && valid)
          void navigate({
            to: '/traces/$traceId',
            params: { traceId: compact },
            search: ({ tz }) => ({ tz }),
          });
      }}
    />
  );
}

function Nothing({ search, clear }: { readonly search: TracesSearch; readonly clear: () => void }) {
  const filtered = [search.service, search.operation, search.tag, search.min, search.max, search.error].some(
    (filter) => filter !== undefined,
  );
  if (!filtered)
    return (
      <EmptyState title="No traces in this time range" command={SEND}>
        Send the first: Pharos takes OpenTelemetry's OTLP, Jaeger's Thrift and Zipkin's JSON. If there were
        traces before, widen the time range.
      </EmptyState>
    );
  return (
    <EmptyState title="No trace matches">
      One span must satisfy all the filters. Widen the time range, take a filter away, or{' '}
      <button type="button" className={styles['linkish']} onClick={clear}>
        see all traces
      </button>
      .
    </EmptyState>
  );
}

interface PlotProps {
  readonly search: TracesSearch;
  readonly range: TimeRange;
  readonly held: boolean;
  readonly set: (next: TracesSearch) => void;
}

/** As high as the plot and the question below it, so that the list stays where it is when they come. */
function PlotBones() {
  return (
    <div className={styles['plotBones']} aria-hidden>
      <Bone height="100%" />
    </div>
  );
}

/** The durations of all traces of the search, and what some of them have in common. */
function Plot({ search, range, held, set }: PlotProps) {
  const navigate = useNavigate({ from: '/traces' });
  // What the reader has chosen in the plot must not move away.
  const points = usePoints(search, range, held || search.sel !== undefined);
  const { data, error, dataUpdatedAt } = points;
  if (data === undefined)
    return error === null ? <PlotBones /> : <ErrorLine what="The plot of durations" error={error} />;
  if (data.points.trace_id.length === 0) return null;
  const zoom = (sel: Selection): void =>
    void navigate({ search: (previous) => ({ ...previous, ...searchOfSelection(sel) }) });
  return (
    <>
      <Scatter
        data={data}
        {...boundsOf(range, dataUpdatedAt)}
        selection={search.sel}
        select={(sel) => set({ sel })}
      />
      <Attribution data={data} search={search} selection={search.sel} set={set} zoom={zoom} />
    </>
  );
}

/** Which traces there are, how long they took, and what the slow ones have in common. */
export function TracesPage() {
  const search = useSearch({ from: '/traces' });
  const navigate = useNavigate({ from: '/traces' });
  const [range] = useTimeRange();
  const [held, setHeld] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const answer = useTraces(search, range, held);
  const { data, error, isPending } = answer;
  const traces = data?.traces ?? [];
  const set = (next: TracesSearch): void =>
    void navigate({ search: (previous) => ({ ...previous, sel: undefined, ...next }) });
  const clear = (): void => void navigate({ search: timeOf });
  useHotkeys([
    { keys: '/', label: 'Filter by an attribute', group: 'Page', run: () => input.current?.focus() },
    {
      keys: 'e',
      label: 'Failed spans only',
      group: 'Page',
      run: () => set({ error: search.error === true ? undefined : true }),
    },
  ]);
  return (
    <>
      <div className={styles['head']}>
        <h1>Traces</h1>
        <div className={styles['actions']}>
          <OpenById />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconShare size={14} />}
            onClick={() => copyText(window.location.href, 'The link')}
          >
            Share
          </Button>
        </div>
      </div>
      <QueryBar search={search} set={set} input={input} />
      {data?.warnings.map((warning) => (
        <p key={warning} className={styles['quiet']}>
          {warning}
        </p>
      ))}
      {isPending && <Bone height={320} />}
      {error !== null && data === undefined && (
        <ErrorState what="The traces" error={error} retry={() => void answer.refetch()} />
      )}
      {error !== null && data !== undefined && <ErrorLine what="Newer traces" error={error} />}
      {data !== undefined && traces.length === 0 && <Nothing search={search} clear={clear} />}
      {traces.length > 0 && <Plot search={search} range={range} held={held} set={set} />}
      {traces.length > 0 && (
        <>
          <div className={styles['listHead']}>
            <span className={styles['quiet']} role="status">
              {traces.length < MOST_TRACES
                ? `${traces.length.toLocaleString('en')} traces`
                : `the ${search.sort ?? 'newest'} ${traces.length.toLocaleString('en')} traces`}
            </span>
            <SegmentedControl
              size="xs"
              aria-label="Order"
              value={search.sort ?? 'newest'}
              onChange={(next) =>
                void navigate({
                  search: (previous) => ({
                    ...previous,
                    sort: next === 'slowest' ? ('slowest' as const) : undefined,
                  }),
                })
              }
              data={[
                { value: 'newest', label: 'Newest' },
                { value: 'slowest', label: 'Slowest' },
              ]}
            />
          </div>
          <TraceList key={searchKey(search)} traces={traces} hold={setHeld} />
        </>
      )}
    </>
  );
}
