import { Button } from '@mantine/core';
import { type ReactNode, type RefObject, useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { useNow } from '../../time/use-now.ts';
import { rangeKey, useTimeRange, useZone } from '../../time/use-range.ts';
import { formatClock } from '../../ui/format.ts';
import { IconArrowUp } from '../../ui/icons.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { Facets } from './facets.tsx';
import { FIRST_LINE } from './first-line.ts';
import { Head } from './head.tsx';
import { LevelChart } from './level-chart.tsx';
import { LineDetail } from './line-detail.tsx';
import { LineList } from './line-list.tsx';
import styles from './logs.module.css';
import { MetricView } from './metric-view.tsx';
import { isRefused, QueryBar } from './query-bar.tsx';
import { useLinkedLine } from './use-context.ts';
import type { LogQuery } from './use-log-query.ts';
import { useAsOf, useCounts, useLines } from './use-logs.ts';

export interface ViewProps {
  readonly log: LogQuery;
  readonly input: RefObject<HTMLInputElement | null>;
}

function Nothing({ log }: { readonly log: LogQuery }) {
  if (log.all)
    return (
      <EmptyState title="No log lines in this time range" command={FIRST_LINE}>
        Send the first: Pharos takes JSON lines, Loki's push, OTLP and syslog, and follows files. If there
        were lines before, widen the time range.
      </EmptyState>
    );
  return (
    <EmptyState title="No line matches">
      Widen the time range, take a filter away, or{' '}
      <button type="button" className={styles['linkish']} onClick={() => log.ask('')}>
        see all lines
      </button>
      .
    </EmptyState>
  );
}

/** Says that newer lines wait while the reader reads; nothing for as long as the page follows. */
function Waiting({ asOf, refresh }: { readonly asOf: number; readonly refresh: () => void }) {
  const now = useNow(5000);
  const [zone] = useZone();
  if (now - asOf < 10_000) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      className={styles['waiting'] ?? ''}
      leftSection={<IconArrowUp size={14} />}
      onClick={refresh}
    >
      As of {formatClock(asOf, now, zone, true)}: show newer lines
    </Button>
  );
}

interface ResultsProps {
  readonly log: LogQuery;
  readonly found: ReturnType<typeof useLines>;
  readonly range: TimeRange;
  readonly asOf: number;
  /** Where the list stands, above it, when the reader holds it. */
  readonly children: ReactNode;
}

/** What came back: lines, none, a graph, or why not. LogQL's own errors stand at the query. */
function Results({ log, found, range, asOf, children }: ResultsProps) {
  const { answer, lines, first } = found;
  const { error } = answer;
  if (answer.isPending) return <Bone height={320} />;
  if (isRefused(error)) return null;
  if (lines.length > 0)
    return (
      <>
        {error !== null && !answer.isFetchNextPageError && <ErrorLine what="Newer lines" error={error} />}
        <div className={styles['results']}>{children}</div>
      </>
    );
  if (error !== null)
    return <ErrorState what="The lines" error={error} retry={() => void answer.refetch()} />;
  if (first?.counts === true) return <MetricView query={log.query} range={range} asOf={asOf} />;
  return <Nothing log={log} />;
}

/** The line that the address points to, with what stands around it. */
function LinkedLine({ log, place }: { readonly log: LogQuery; readonly place: string }) {
  const [zone] = useZone();
  const { data, error, isPending } = useLinkedLine(log.query, place);
  return (
    <section className={styles['linked']} aria-label="The linked line">
      <div className={styles['linkedHead']}>
        <h2>The linked line</h2>
        <Button size="compact-xs" variant="default" onClick={log.forgetLine}>
          Close
        </Button>
      </div>
      {isPending && <Bone height={120} />}
      {error !== null && <ErrorLine what="The linked line" error={error} />}
      {data === null && (
        <p className={styles['quiet']}>
          It is not there: its time of keeping may be over, or the query does not find it.
        </p>
      )}
      {data !== null && data !== undefined && (
        <LineDetail line={data} zone={zone} log={log} order="newest first" withContext />
      )}
    </section>
  );
}

const NO_TOTALS: ReadonlyMap<string, number> = new Map();
const FIELDS_KEY = 'pharos-logs-fields';

/** Whether the fields stand beside the lines: as the reader left it, else where there is room. */
function useFieldsPanel(): readonly [boolean, () => void] {
  const [isOpen, setOpen] = useState(
    () => (window.localStorage.getItem(FIELDS_KEY) ?? String(window.innerWidth >= 1200)) === 'true',
  );
  const toggle = (): void => {
    window.localStorage.setItem(FIELDS_KEY, String(!isOpen));
    setOpen(!isOpen);
  };
  return [isOpen, toggle];
}

/** The lines of the time range, the newest first, with how many there are. */
export function RangeView({ log, input }: ViewProps) {
  const [range] = useTimeRange();
  const [held, setHeld] = useState(false);
  const [round, setRound] = useState(0);
  const { asOf, refresh } = useAsOf(log.query, range, held);
  const found = useLines(log.query, range, asOf);
  const { lines, first } = found;
  const { error } = found.answer;
  const counted = first?.counts !== true && !isRefused(error);
  const counts = useCounts(log.query, range, asOf, counted);
  const renew = (): void => {
    // The list begins anew at its top, with nothing opened.
    setRound((current) => current + 1);
    refresh();
  };
  const [fields, toggleFields] = useFieldsPanel();
  const withFields = fields && counted;
  useHotkeys([
    { keys: 'r', label: 'Refresh now', group: 'Page', run: renew },
    { keys: 'f', label: 'Fields, or not', group: 'Page', run: toggleFields },
  ]);
  const { from, to } = boundsOf(range, asOf);
  return (
    <>
      <Head log={log} lines={lines} fields={{ isOpen: fields, toggle: toggleFields }} />
      <QueryBar log={log} error={error} input={input} />
      {log.line !== undefined && <LinkedLine key={log.line} log={log} place={log.line} />}
      {counted && <LevelChart log={log} range={range} asOf={asOf} counts={counts} />}
      {first?.warnings.map((warning) => (
        <p key={warning} className={styles['quiet']}>
          {warning}
        </p>
      ))}
      <div className={styles['columns']} data-fields={withFields}>
        <div className={styles['column']}>
          <Results log={log} found={found} range={range} asOf={asOf}>
            {held && range.kind === 'relative' && <Waiting asOf={asOf} refresh={renew} />}
            <LineList
              key={`${log.query} ${rangeKey(range)} ${round}`}
              log={log}
              lines={lines}
              found={found}
              hold={setHeld}
              span={to - from}
            />
          </Results>
        </div>
        {withFields && (
          <Facets log={log} range={range} asOf={asOf} levels={counts.data?.totals ?? NO_TOTALS} />
        )}
      </div>
      <span className="sr-only" role="status">
        {lines.length === 0 ? '' : `${lines.length.toLocaleString('en')} lines are loaded`}
      </span>
    </>
  );
}
