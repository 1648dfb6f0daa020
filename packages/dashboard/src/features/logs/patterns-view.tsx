import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { request } from '../../api/client.ts';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { useLive } from '../../live/provider.tsx';
import { boundsOf, refreshMillis } from '../../time/range.ts';
import { rangeKey, useTimeRange, useZone } from '../../time/use-range.ts';
import { formatInstant, formatValue } from '../../ui/format.ts';
import { IconMinus, IconPlus } from '../../ui/icons.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { FIRST_LINE } from './first-line.ts';
import { LEVEL_COLORS, Level } from './level.tsx';
import styles from './logs.module.css';
import { goneOf, type PatternChange, type PatternRow, patternsSchema, rowsOf, scopeOf } from './patterns.ts';
import type { LogQuery } from './use-log-query.ts';

const MOST_PATTERNS = 200;
/** Steps of a trend: as many as a sparkline can show. */
const TREND_STEPS = 40;
const MARK_WORDS: Readonly<Record<PatternChange['kind'], string>> = {
  new: 'New in this time range: its service never wrote it before',
  vanished: 'Gone: it came regularly, and has been silent while its service goes on',
  returned: 'Back again after it had been silent',
};

/** What can be done with the lines of a pattern: LogQL's operators, in words. */
const PATTERN_ACTIONS = [
  { op: '|>', words: 'Show only its lines', name: 'Only lines like', Icon: IconPlus },
  { op: '!>', words: 'Leave its lines out', name: 'No lines like', Icon: IconMinus },
] as const;

function usePatterns(log: LogQuery) {
  const [range] = useTimeRange();
  const { paused } = useLive();
  const { services, levels, isWhole } = scopeOf(log.filters);
  const every = refreshMillis(range);
  const answer = useQuery({
    retry: false,
    structuralSharing: false,
    queryKey: ['log-patterns', services.join(','), levels.join(','), rangeKey(range)],
    refetchInterval: paused || every === false ? false : Math.max(15_000, every),
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const { from, to } = boundsOf(range, Date.now());
      const step = Math.max(60, Math.ceil((to - from) / 1000 / TREND_STEPS / 60) * 60);
      const body = await request('api/logs/patterns', patternsSchema, {
        signal,
        params: {
          start: String(Math.floor(from)),
          end: String(Math.floor(to)),
          step: String(Math.min(step, 86_400)),
          limit: String(MOST_PATTERNS),
          service: services.join(','),
          level: levels.join(','),
        },
      });
      return { body, rows: rowsOf(body, { from, to, step }), gone: goneOf(body) };
    },
  });
  return { answer, isWhole };
}

function Mark({ kind }: { readonly kind: PatternChange['kind'] }) {
  return (
    <Tooltip label={MARK_WORDS[kind]} openDelay={300}>
      <span className={styles['mark']} data-kind={kind}>
        {kind}
      </span>
    </Tooltip>
  );
}

/** A pattern with what varies set apart. */
function PatternText({ pattern }: { readonly pattern: string }) {
  const parts = pattern.split('<_>');
  return (
    <code className={styles['patternText']}>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name
        <span key={index}>
          {index > 0 && <var>&lt;_&gt;</var>}
          {part}
        </span>
      ))}
    </code>
  );
}

interface RowProps {
  readonly log: LogQuery;
  readonly row: PatternRow;
  readonly selected: boolean;
}

function Row({ log, row, selected }: RowProps) {
  const { service, level, pattern, count, share, trend, mark } = row;
  // What is wholly variable says nothing to filter by.
  const isNothing = pattern.replaceAll('<_>', '').trim() === '';
  return (
    <li className={styles['pattern']} data-selected={selected}>
      <span className={styles['patternFigures']}>
        <Sparkline values={trend} color={LEVEL_COLORS[level] ?? 'var(--unknown)'} />
        <span className="num">{formatValue(count, 'count')}</span>
        <span className={`${styles['share']} num`}>{(share * 100).toFixed(share < 0.1 ? 1 : 0)} %</span>
      </span>
      <span className={styles['patternWhose']}>
        <Level level={level} />
        <span className={styles['service']}>{service}</span>
        {mark !== undefined && <Mark kind={mark} />}
      </span>
      <button
        type="button"
        className={styles['patternOpen']}
        disabled={isNothing}
        title="Show its lines"
        onClick={() => log.addPattern({ op: '|>', pattern })}
      >
        <PatternText pattern={pattern} />
      </button>
      <span className={styles['fieldActions']}>
        {PATTERN_ACTIONS.map(({ op, words, name, Icon }) => (
          <Tooltip key={op} label={words} openDelay={300}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              disabled={isNothing}
              aria-label={`${name} ${pattern}`}
              onClick={() => log.addPattern({ op, pattern })}
            >
              <Icon size={14} />
            </ActionIcon>
          </Tooltip>
        ))}
      </span>
    </li>
  );
}

/** Patterns that came regularly and have no line in the time range. */
function Gone({ gone }: { readonly gone: readonly PatternChange[] }) {
  const [zone] = useZone();
  if (gone.length === 0) return null;
  return (
    <section className={styles['gone']} aria-label="Vanished patterns">
      <h2>Vanished, without a line in this time range</h2>
      <ul>
        {gone.slice(0, 20).map(({ service, level, pattern, at }) => (
          <li key={`${service} ${level} ${pattern}`}>
            <Level level={level} /> <span className={styles['service']}>{service}</span>{' '}
            <PatternText pattern={pattern} />{' '}
            <span className={styles['quiet']}>missed since {formatInstant(Date.parse(at), zone)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `1 line`, `2,000 lines` */
function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** What the lines have in common: how often, how it goes, what is new and what is gone. */
export function PatternsView({ log }: { readonly log: LogQuery }) {
  const { answer, isWhole } = usePatterns(log);
  const { data, error } = answer;
  const [onlyNews, setOnlyNews] = useState(false);
  const rows = useMemo(
    () =>
      (data?.rows ?? []).filter(
        ({ mark, pattern }) =>
          (!onlyNews || mark !== undefined) &&
          !(log.filters?.patterns.some((one) => one.op === '!>' && one.pattern === pattern) ?? false),
      ),
    [data, onlyNews, log.filters],
  );
  const selected = useListKeys(rows.length, 'pattern', (index) => {
    const row = rows[index];
    if (row !== undefined) log.addPattern({ op: '|>', pattern: row.pattern });
  });
  useHotkeys([
    {
      keys: 'x',
      label: 'Leave out the chosen pattern',
      group: 'Lists',
      run: () => {
        const row = rows[selected];
        if (row !== undefined) log.addPattern({ op: '!>', pattern: row.pattern });
      },
    },
  ]);
  if (answer.isPending) return <Bone height={320} />;
  if (error !== null && data === undefined)
    return <ErrorState what="The patterns" error={error} retry={() => void answer.refetch()} />;
  if (data === undefined) return null;
  const news = data.rows.filter(({ mark }) => mark !== undefined).length;
  const { total, lines, warnings } = data.body;
  return (
    <>
      <div className={styles['patternHead']}>
        <span className={styles['quiet']}>
          {data.rows.length < total
            ? `The ${data.rows.length} commonest of ${total.toLocaleString('en')} patterns`
            : counted(total, 'pattern')}{' '}
          of {counted(lines, 'line')}, counted as they came
          {isWhole ? '.' : '; of the query only its services and levels are looked at here.'}
        </span>
        <Button
          size="compact-xs"
          variant="default"
          className={styles['chip'] ?? ''}
          data-chosen={onlyNews}
          aria-pressed={onlyNews}
          disabled={news === 0 && !onlyNews}
          onClick={() => setOnlyNews(!onlyNews)}
        >
          Only news ({news})
        </Button>
      </div>
      {warnings.map((warning) => (
        <p key={warning} className={styles['quiet']}>
          {warning}
        </p>
      ))}
      {data.rows.length === 0 ? (
        <EmptyState title="No patterns in this time range" command={FIRST_LINE}>
          Lines are put together by what they have in common as they come: send some, or widen the time range.
        </EmptyState>
      ) : (
        <ol className={styles['patterns']} aria-label="Patterns, news first, then the commonest">
          {rows.map((row, index) => (
            <Row key={row.key} log={log} row={row} selected={index === selected} />
          ))}
        </ol>
      )}
      <Gone gone={data.gone} />
    </>
  );
}
