import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { RequestLinks } from '../../../joins/request-links.tsx';
import { useNow } from '../../../time/use-now.ts';
import { useZone } from '../../../time/use-range.ts';
import { formatClock, formatInstant, formatValue } from '../../../ui/format.ts';
import { IconAlertTriangle } from '../../../ui/icons.ts';
import { useRowList } from '../../../ui/use-row-list.ts';
import { VirtualList } from '../../../ui/virtual-list.tsx';
import { millisOf, type TraceSummary } from '../contracts.ts';
import { timeOf } from '../links.ts';
import { ServiceMark, serviceColors } from '../service-mark.tsx';
import styles from '../traces.module.css';

const ROW_PX = 56;
/** Names of services that stand in a row; the others are counted. */
const MOST_CHIPS = 4;

interface RowProps {
  readonly trace: TraceSummary;
  readonly longest: number;
  readonly services: readonly string[];
  /** Whether it is chosen to be compared with the next that is. */
  readonly compared: boolean;
  readonly compare: (traceId: string) => void;
}

function Services({ trace, services }: Pick<RowProps, 'trace' | 'services'>) {
  const shown = trace.services.slice(0, MOST_CHIPS);
  const others = trace.services.slice(MOST_CHIPS);
  return (
    <span className={styles['services']}>
      {shown.map(({ service, spans, errors }) => (
        <span key={service} className={styles['serviceChip']} data-failed={errors > 0}>
          <ServiceMark service={service} among={services} />
          <b className="num">{spans}</b>
          {errors > 0 && <IconAlertTriangle size={12} aria-label={`${errors} failed`} />}
        </span>
      ))}
      {others.length > 0 && (
        <span className={styles['quiet']} title={others.map(({ service }) => service).join(', ')}>
          and {others.length} more
        </span>
      )}
    </span>
  );
}

function Row({ trace, longest, services, compared, compare }: RowProps) {
  const [zone] = useZone();
  const now = useNow(60_000);
  const at = millisOf(trace.start_ns);
  const color = serviceColors(services)[services.indexOf(trace.root_service)] ?? 'var(--accent)';
  return (
    <>
      <div className={styles['rowTop']}>
        <Link
          to="/traces/$traceId"
          params={{ traceId: trace.trace_id }}
          search={timeOf}
          className={styles['rootName']}
        >
          <b>{trace.root_service}</b> {trace.root_operation}
        </Link>
        {trace.errors > 0 && (
          <span className={styles['failed']}>
            <IconAlertTriangle size={12} aria-hidden /> {trace.errors.toLocaleString('en')} failed
          </span>
        )}
        <span className={`${styles['quiet']} num`}>
          {trace.spans === 1 ? '1 span' : `${trace.spans.toLocaleString('en')} spans`}
        </span>
        <time
          className={`${styles['quiet']} num`}
          dateTime={new Date(at).toISOString()}
          title={formatInstant(at, zone)}
        >
          {formatClock(at, now, zone, true)}
        </time>
      </div>
      <div className={styles['rowBottom']}>
        <Button
          size="compact-xs"
          variant="default"
          className={styles['chip'] ?? ''}
          aria-pressed={compared}
          data-chosen={compared}
          onClick={() => compare(trace.trace_id)}
        >
          {compared ? 'with…' : 'Compare'}
        </Button>
        <Services trace={trace} services={services} />
        <RequestLinks
          request={{
            traceId: trace.trace_id,
            service: trace.root_service,
            operation: trace.root_operation,
            at,
            durationMs: trace.duration_ns / 1e6,
          }}
        />
        <span className={styles['durationBar']} aria-hidden>
          <i style={{ width: `${Math.max(0.5, (trace.duration_ns / longest) * 100)}%`, background: color }} />
        </span>
        <span className={`${styles['took']} num`}>{formatValue(trace.duration_ns / 1e9, 'seconds')}</span>
      </div>
    </>
  );
}

interface TraceListProps {
  readonly traces: readonly TraceSummary[];
  /** The reader looks at something that must not move away. */
  readonly hold: (held: boolean) => void;
}

/** The traces found: root, services, failures, and how long each took beside the longest. */
export function TraceList({ traces, hold }: TraceListProps) {
  const navigate = useNavigate();
  const [away, setAway] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const compare = (traceId: string): void => {
    if (chosen === null || chosen === traceId) setChosen(chosen === null ? traceId : null);
    else
      void navigate({
        to: '/traces/compare',
        search: (previous) => ({ ...timeOf(previous), a: chosen, b: traceId }),
      });
  };
  const longest = useMemo(
    () => traces.reduce((most, { duration_ns }) => Math.max(most, duration_ns), 1),
    [traces],
  );
  const services = useMemo(
    () => [...new Set(traces.flatMap((trace) => trace.services.map(({ service }) => service)))].toSorted(),
    [traces],
  );
  const list = useRowList({
    count: traces.length,
    heightPx: ROW_PX,
    keyOf: (index) => traces[index]?.trace_id ?? index,
    overscan: 8,
    what: 'trace',
    open: (index) => {
      const traceId = traces[index]?.trace_id;
      if (traceId !== undefined)
        void navigate({ to: '/traces/$traceId', params: { traceId }, search: timeOf });
    },
  });
  const held = away || list.selected >= 0 || chosen !== null;
  useEffect(() => {
    hold(held);
    return () => hold(false);
  }, [hold, held]);
  return (
    <VirtualList
      list={list}
      className={styles['list']}
      rowClass={styles['row']}
      label="Traces found"
      onScroll={(event) => setAway(event.currentTarget.scrollTop > ROW_PX / 2)}
    >
      {(index) => {
        const trace = traces[index];
        return trace === undefined ? null : (
          <Row
            trace={trace}
            longest={longest}
            services={services}
            compared={chosen === trace.trace_id}
            compare={compare}
          />
        );
      }}
    </VirtualList>
  );
}
