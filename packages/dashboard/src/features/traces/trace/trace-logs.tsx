import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { logsOfTrace } from '../../../joins/links.ts';
import { formatValue } from '../../../ui/format.ts';
import { Bone, ErrorLine } from '../../../ui/states.tsx';
import { requestOfTrace } from '../links.ts';
import type { Trace } from '../model/trace.ts';
import styles from './trace.module.css';
import { useTraceLogs } from './use-trace.ts';

/** Enough to read beside a waterfall; the logs page has them all. */
const SHOWN = 100;
const LOUD: ReadonlySet<string> = new Set(['error', 'critical', 'fatal']);

/** The log lines of the span, or of its whole trace, with their time after the trace's start. */
export function TraceLogs({ trace, spanId }: { readonly trace: Trace; readonly spanId: string }) {
  const { data, error, isPending } = useTraceLogs(trace);
  const [of, setOf] = useState<'span' | 'trace' | null>(null);
  const all = data?.logs ?? [];
  const own = all.filter((line) => line.span_id === spanId);
  const shownOf = of ?? (own.length > 0 ? 'span' : 'trace');
  const lines = shownOf === 'span' ? own : all;
  return (
    <section className={styles['part']} aria-label="Logs">
      <h3>
        Logs
        <SegmentedControl
          size="xs"
          aria-label="Logs of"
          value={shownOf}
          onChange={(next) => setOf(next === 'span' ? 'span' : 'trace')}
          data={[
            { value: 'span', label: `Span ${own.length}` },
            { value: 'trace', label: `Trace ${all.length}${data?.next == null ? '' : '+'}` },
          ]}
        />
        <Link to="/logs" search={logsOfTrace(requestOfTrace(trace))} className={styles['linkish']}>
          On the logs page
        </Link>
      </h3>
      {isPending && <Bone height={40} />}
      {error !== null && <ErrorLine what="The logs" error={error} />}
      {data !== undefined && lines.length === 0 && (
        <p className={styles['quiet']}>
          {shownOf === 'span' && all.length > 0
            ? 'No line names this span; the trace has some.'
            : 'No line carries the id of this trace. Loggers that write trace_id join their lines to it.'}
        </p>
      )}
      <ol className={styles['logs']}>
        {lines.slice(0, SHOWN).map((line, index) => (
          // Lines may repeat themselves, in one nanosecond too.
          <li key={`${line.time_ns} ${line.service} ${index}`} data-loud={LOUD.has(line.level)}>
            <span className="num">
              {formatValue(Number(BigInt(line.time_ns) - trace.startNs) / 1e9, 'seconds')}
            </span>
            <b>{line.level}</b>
            <span>{line.service}</span>
            <code>{line.message}</code>
          </li>
        ))}
      </ol>
      {lines.length > SHOWN && (
        <p className={styles['quiet']}>{lines.length - SHOWN} more stand on the logs page.</p>
      )}
    </section>
  );
}
