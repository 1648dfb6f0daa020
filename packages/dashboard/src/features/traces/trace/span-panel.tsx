import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { linesOfRequest, metricsOfRequest } from '../../../joins/links.ts';
import { useZone } from '../../../time/use-range.ts';
import { copyText } from '../../../ui/copy.ts';
import { formatInstant, formatValue } from '../../../ui/format.ts';
import { IconAlertTriangle, IconCopy, IconX } from '../../../ui/icons.ts';
import { Bone, ErrorLine } from '../../../ui/states.tsx';
import { type Attribute, millisOf, type SpanDetail } from '../contracts.ts';
import { timeOf } from '../links.ts';
import { chainOf, onPath, operationOf, serviceOf, type Trace } from '../model/trace.ts';
import { ServiceMark } from '../service-mark.tsx';
import { Attributes, Events, Links } from './span-parts.tsx';
import styles from './trace.module.css';
import { TraceLogs } from './trace-logs.tsx';
import { useSpan } from './use-trace.ts';

interface SpanPanelProps {
  readonly trace: Trace;
  readonly spanId: string;
  /** -1 while the span has not come yet. */
  readonly row: number;
  readonly open: (spanId: string | null) => void;
  readonly close: () => void;
}

/** How the span was reached: each ancestor is a press away. */
function Chain({ trace, row, open }: Pick<SpanPanelProps, 'trace' | 'row' | 'open'>) {
  const chain = chainOf(trace, row).slice(0, -1);
  if (chain.length === 0) return null;
  return (
    <nav aria-label="Ancestors" className={styles['chain']}>
      {chain.map((above) => (
        <button
          key={above}
          type="button"
          className={styles['linkish']}
          title={serviceOf(trace, above)}
          onClick={() => open(trace.spanIds[above] ?? null)}
        >
          {operationOf(trace, above)}
        </button>
      ))}
    </nav>
  );
}

function Times({ trace, row, span }: Pick<SpanPanelProps, 'trace' | 'row'> & { readonly span: SpanDetail }) {
  const [zone] = useZone();
  const share = trace.duration > 0 ? span.duration_ns / trace.duration : 0;
  const waited = row < 0 ? 0 : onPath(trace, row);
  const skew = row < 0 ? 0 : trace.skew[row];
  return (
    <dl className={styles['times']}>
      <div>
        <dt>Took</dt>
        <dd className="num">
          {formatValue(span.duration_ns / 1e9, 'seconds')}, {formatValue(share, 'ratio')} of the trace
        </dd>
      </div>
      {row >= 0 && (
        <div>
          <dt>Began</dt>
          <dd className="num">
            after {formatValue(trace.start[row] / 1e9, 'seconds')};{' '}
            {formatInstant(millisOf(span.start_ns), zone)}
          </dd>
        </div>
      )}
      {waited > 0 && (
        <div>
          <dt>On the critical path</dt>
          <dd className="num">
            for {formatValue(waited / 1e9, 'seconds')}: the trace waited for this span alone
          </dd>
        </div>
      )}
      {skew !== 0 && (
        <div>
          <dt>Moved by</dt>
          <dd className="num">
            {skew > 0 ? '+' : '−'}
            {formatValue(Math.abs(skew) / 1e9, 'seconds')}: its host's clock differs from its caller's
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Ids that join the span with what is not of this trace. */
function requestOf(attributes: readonly Attribute[]): Attribute | undefined {
  return attributes.find(
    ({ key }) => key === 'request_id' || key === 'request.id' || key === 'http.request_id',
  );
}

function Body({
  trace,
  row,
  span,
  open,
}: Pick<SpanPanelProps, 'trace' | 'row' | 'open'> & { span: SpanDetail }) {
  const request = requestOf(span.attributes);
  return (
    <>
      {span.status === 'error' && (
        <p className={styles['failure']} role="note">
          <IconAlertTriangle size={14} aria-hidden /> Failed
          {span.status_message === '' ? '' : `: ${span.status_message}`}
        </p>
      )}
      <Times trace={trace} row={row} span={span} />
      <div className={styles['related']}>
        <Link
          to="/services/$name"
          params={{ name: span.service }}
          search={true}
          className={styles['linkish']}
        >
          Service {span.service}
        </Link>
        <Link
          to="/explore"
          search={metricsOfRequest(
            {
              traceId: span.trace_id,
              service: span.service,
              operation: span.operation,
              at: millisOf(span.start_ns),
            },
            Date.now(),
          )}
          className={styles['linkish']}
        >
          Its metrics
        </Link>
        <Link
          to="/traces"
          search={(previous) => ({
            ...timeOf(previous),
            service: span.service,
            operation: span.operation,
          })}
          className={styles['linkish']}
        >
          Traces of this operation
        </Link>
        {request !== undefined && (
          <Link
            to="/logs"
            search={(previous) => ({
              ...timeOf(previous),
              q: linesOfRequest(request.value),
            })}
            className={styles['linkish']}
          >
            Logs of the request
          </Link>
        )}
      </div>
      <Events span={span} />
      <Attributes title="Attributes" attributes={span.attributes} service={span.service} />
      <TraceLogs trace={trace} spanId={span.span_id} />
      <Links span={span} />
      <Attributes title="Resource" attributes={span.resource} service={span.service} />
      <Attributes
        title="Instrumentation"
        service={span.service}
        attributes={[
          { key: 'otel.scope.name', type: 'string', value: span.scope.name },
          { key: 'otel.scope.version', type: 'string', value: span.scope.version },
          { key: 'span id', type: 'string', value: span.span_id },
          { key: 'parent id', type: 'string', value: span.parent_id },
          { key: 'trace state', type: 'string', value: span.trace_state },
        ].filter(({ value }) => value !== '')}
      />
      {row >= 0 && trace.children[row] > 0 && (
        <Button size="compact-xs" variant="default" onClick={() => open(trace.spanIds[row + 1] ?? null)}>
          Its first child
        </Button>
      )}
    </>
  );
}

/** Everything that is known of one span, beside the waterfall. */
export function SpanPanel({ trace, spanId, row, open, close }: SpanPanelProps) {
  const { data, error, isPending } = useSpan(trace.id, spanId);
  return (
    <aside className={styles['panel']} aria-label="Span">
      <div className={styles['panelHead']}>
        <h2>
          {row >= 0 && <ServiceMark service={serviceOf(trace, row)} among={trace.services} />}{' '}
          <span>{row >= 0 ? operationOf(trace, row) : (data?.operation ?? spanId)}</span>
          {data !== undefined && data.kind !== 'unspecified' && (
            <small className={styles['quiet']}>{data.kind}</small>
          )}
        </h2>
        <Tooltip label="Copies a link to this span" openDelay={400}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Copy a link to this span"
            onClick={() => copyText(window.location.href, 'The link')}
          >
            <IconCopy size={16} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the span" onClick={close}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <div className={styles['panelBody']}>
        {row >= 0 && <Chain trace={trace} row={row} open={open} />}
        {isPending && <Bone height={240} />}
        {error !== null && <ErrorLine what="The span" error={error} />}
        {data !== undefined && <Body trace={trace} row={row} span={data} open={open} />}
      </div>
    </aside>
  );
}
