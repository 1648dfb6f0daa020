import { Link, useParams } from '@tanstack/react-router';
import { linesOfRequest } from '../../joins/links.ts';
import { RequestLinks } from '../../joins/request-links.tsx';
import { useTimeRange, useZone } from '../../time/use-range.ts';
import { ErrorsOf } from '../../ui/errors-of.tsx';
import { Numeral } from '../../ui/figures.tsx';
import { formatDate } from '../../ui/format.ts';
import shell from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorLine, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import type { RequestLine, RequestTrace } from './contracts.ts';
import styles from './requests.module.css';
import { useRequestLines, useRequestTraces } from './use-request.ts';

function At({ at }: { readonly at: number }) {
  const [zone] = useZone();
  return (
    <time className="num" dateTime={new Date(at).toISOString()}>
      {formatDate(at, 'seconds', zone)}.{String(at % 1000).padStart(3, '0')}
    </time>
  );
}

function TraceRow({ trace }: { readonly trace: RequestTrace }) {
  return (
    <li>
      <At at={trace.start_ns} />
      <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} search={{}} className={table['name']}>
        {trace.root_service} {trace.root_operation}
      </Link>
      <span>{trace.services.map(({ service }) => service).join(', ')}</span>
      <Numeral value={trace.duration_ns / 1e9} unit="seconds" />
      <span className={trace.errors > 0 ? styles['bad'] : ''}>
        {trace.errors > 0 ? `${trace.errors} failed` : 'no failure'}
      </span>
      <RequestLinks
        request={{
          traceId: trace.trace_id,
          service: trace.root_service,
          operation: trace.root_operation,
          at: trace.start_ns,
          durationMs: trace.duration_ns / 1e6,
        }}
      />
    </li>
  );
}

const URGENT = new Set(['error', 'critical', 'fatal']);

function LineRow({ line }: { readonly line: RequestLine }) {
  return (
    <li>
      <At at={line.time_ns} />
      <span className={URGENT.has(line.level) ? styles['bad'] : ''}>{line.level}</span>
      <Link to="/services/$name" params={{ name: line.service }} search={true} className={table['name']}>
        {line.service}
      </Link>
      <span className={styles['message']}>{line.message}</span>
    </li>
  );
}

function Traces({ id }: { readonly id: string }) {
  const [range] = useTimeRange();
  const { data, error } = useRequestTraces(id, range);
  return (
    <Section title="Traces">
      {error !== null && data === undefined && <ErrorLine what="Its traces" error={error} />}
      {data === undefined && error === null && <Bone height={64} />}
      <ul className={styles['list']} data-kind="traces">
        {data?.traces.map((trace) => (
          <TraceRow key={trace.trace_id} trace={trace} />
        ))}
      </ul>
      {data?.traces.length === 0 && <p className={table['quiet']}>No span of this time carries the id.</p>}
    </Section>
  );
}

function Lines({ id }: { readonly id: string }) {
  const [range] = useTimeRange();
  const { data, error } = useRequestLines(id, range);
  return (
    <Section
      title="Log lines"
      note={data === undefined ? '' : `${data.lines.length}${data.more ? ' of more' : ''}, the oldest first`}
      actions={
        <Link to="/logs" search={{ q: linesOfRequest(id) }} className={styles['link']}>
          On the logs page
        </Link>
      }
    >
      {error !== null && data === undefined && <ErrorLine what="Its log lines" error={error} />}
      {data === undefined && error === null && <Bone height={120} />}
      <ul className={styles['list']} data-kind="lines">
        {data?.lines.map((line, index) => (
          // Two services may write the same at the same time.
          <LineRow key={`${line.time_ns} ${line.service} ${index}`} line={line} />
        ))}
      </ul>
      {data?.lines.length === 0 && <p className={table['quiet']}>No line of this time carries the id.</p>}
    </Section>
  );
}

/** All that carries the id of one request: its traces, and what every service wrote for it. */
export function RequestPage() {
  const { requestId } = useParams({ from: '/requests/$requestId' });
  if (requestId.trim() === '')
    return <EmptyState title="No request is named">Its id stands in the address.</EmptyState>;
  return (
    <>
      <div className={shell['pageHead']}>
        <h1>Request</h1>
        <p className={table['mono']}>{requestId}</p>
      </div>
      <ErrorsOf by="request_id" id={requestId} />
      <Traces id={requestId} />
      <Lines id={requestId} />
    </>
  );
}
