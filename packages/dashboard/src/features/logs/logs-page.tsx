import { Button, Tooltip } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { boundsOf } from '../../time/range.ts';
import { useNow } from '../../time/use-now.ts';
import { rangeKey, useTimeRange, useZone } from '../../time/use-range.ts';
import { copyText } from '../../ui/copy.ts';
import { formatClock } from '../../ui/format.ts';
import { IconArrowUp, IconCopy, IconShare, IconTextWrap } from '../../ui/icons.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { LevelChart } from './level-chart.tsx';
import { LineList } from './line-list.tsx';
import type { LogLine } from './lines.ts';
import styles from './logs.module.css';
import { isRefused, QueryBar } from './query-bar.tsx';
import { type LogQuery, useLogQuery } from './use-log-query.ts';
import { useAsOf, useCounts, useLines } from './use-logs.ts';

const FIRST_LINE = `echo '{"service":"cart","level":"error","message":"no stock"}' | curl -s --data-binary @- ${window.location.origin}/api/logs`;

function Actions({ log, lines }: { readonly log: LogQuery; readonly lines: readonly LogLine[] }) {
  const copy = (): void => {
    const texts = lines.map(({ at, level, service, text }) =>
      [new Date(at).toISOString(), level, service, text].join('\t'),
    );
    copyText(texts.join('\n'), `${lines.length.toLocaleString('en')} lines`);
  };
  return (
    <div className={styles['actions']}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconTextWrap size={14} />}
        aria-pressed={log.wrap}
        data-chosen={log.wrap}
        className={styles['chip'] ?? ''}
        onClick={log.toggleWrap}
      >
        Wrap
      </Button>
      <Tooltip label="Copies the loaded lines, parted by tabs" openDelay={400}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCopy size={14} />}
          disabled={lines.length === 0}
          onClick={copy}
        >
          Copy
        </Button>
      </Tooltip>
      <Tooltip label="Copies a link to this query and this time range" openDelay={400}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconShare size={14} />}
          onClick={() => copyText(window.location.href, 'The link')}
        >
          Share
        </Button>
      </Tooltip>
    </div>
  );
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
  /** Where the list stands, above it, when the reader holds it. */
  readonly children: ReactNode;
}

/** What came back: lines, none, a count, or why not. LogQL's own errors stand at the query. */
function Results({ log, found, children }: ResultsProps) {
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
  if (first?.counts === true)
    return (
      <EmptyState title="This query counts; it has no lines">
        Here stands what a log query finds, such as {'{service_name="cart"} |= "timeout"'}. Counts over time
        belong on a dashboard.
      </EmptyState>
    );
  return <Nothing log={log} />;
}

export function LogsPage() {
  const log = useLogQuery();
  const [range] = useTimeRange();
  const [held, setHeld] = useState(false);
  const [round, setRound] = useState(0);
  const input = useRef<HTMLInputElement>(null);
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
  useHotkeys([
    { keys: '/', label: 'Search in the lines', group: 'Page', run: () => input.current?.focus() },
    { keys: 'w', label: 'Wrap long lines', group: 'Page', run: log.toggleWrap },
    { keys: 'r', label: 'Refresh now', group: 'Page', run: renew },
  ]);
  const { from, to } = boundsOf(range, asOf);
  return (
    <>
      <div className={styles['head']}>
        <h1>Logs</h1>
        <Actions log={log} lines={lines} />
      </div>
      <QueryBar log={log} error={error} input={input} />
      {counted && <LevelChart log={log} range={range} asOf={asOf} counts={counts} />}
      {first?.warnings.map((warning) => (
        <p key={warning} className={styles['quiet']}>
          {warning}
        </p>
      ))}
      <Results log={log} found={found}>
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
      <span className="sr-only" role="status">
        {lines.length === 0 ? '' : `${lines.length.toLocaleString('en')} lines are loaded`}
      </span>
    </>
  );
}
