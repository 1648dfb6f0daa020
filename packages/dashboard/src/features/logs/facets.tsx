import { ActionIcon, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { formatValue } from '../../ui/format.ts';
import { IconMinus, IconPlus } from '../../ui/icons.ts';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import { type Facet, facetsOf, fieldsSchema } from './fields.ts';
import styles from './logs.module.css';
import { LEVELS, type Term } from './query.ts';
import type { LogQuery } from './use-log-query.ts';

/** Newest lines that fields are read from. */
const LINES = 1000;
const VALUES = 8;
/** Fields are no live view: they are asked again when the question changes, and so often. */
const STALE_MS = 30_000;
const common = { retry: false, structuralSharing: false, staleTime: STALE_MS } as const;

function useFields(query: string, range: TimeRange, asOf: number) {
  return useQuery({
    ...common,
    queryKey: ['log-fields', query, rangeKey(range)],
    queryFn: async ({ signal }) => {
      const { from, to } = boundsOf(range, asOf);
      const answer = await request('loki/api/v1/detected_fields', fieldsSchema, {
        signal,
        params: {
          query,
          start: String(from / 1000),
          end: String(to / 1000),
          line_limit: String(LINES),
          values: String(VALUES),
        },
      });
      return { lines: answer.lines, facets: facetsOf(answer) };
    },
  });
}

const vectorSchema = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});

/** How many lines each service has, of all that the query finds. */
function useServiceCounts(query: string, range: TimeRange, asOf: number) {
  return useQuery({
    ...common,
    queryKey: ['log-service-counts', query, rangeKey(range)],
    queryFn: async ({ signal }) => {
      const { from, to } = boundsOf(range, asOf);
      const seconds = Math.max(1, Math.round((to - from) / 1000));
      const { data } = await request('loki/api/v1/query', vectorSchema, {
        signal,
        params: {
          query: `sum by (service_name) (count_over_time(${query}\n[${seconds}s]))`,
          time: String(to / 1000),
        },
      });
      return data.result
        .map(({ metric, value }) => ({ value: metric['service_name'] ?? '', count: Number(value[1]) }))
        .toSorted((a, b) => b.count - a.count);
    },
  });
}

interface ValuesProps {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Lines that count as all. */
  readonly of: number;
  readonly add: (term: Term) => void;
}

function Values({ name, values, of, add }: ValuesProps) {
  return (
    <ul className={styles['facetValues']}>
      {values.map(({ value, count }) => (
        <li key={value}>
          <span
            className={styles['facetBar']}
            style={{ width: `${Math.min(100, (count / Math.max(1, of)) * 100)}%` }}
            aria-hidden
          />
          <span className={styles['cut']} title={value}>
            {value === '' ? '(empty)' : value}
          </span>
          <span className="num">{formatValue(count, 'count')}</span>
          <span className={styles['fieldActions']}>
            {(['=', '!='] as const).map((op) => (
              <Tooltip key={op} label={op === '=' ? 'Filter for' : 'Filter out'} openDelay={300}>
                <ActionIcon
                  size="xs"
                  variant="subtle"
                  color="gray"
                  aria-label={`Filter ${op === '=' ? 'for' : 'out'} ${name} ${value}`}
                  onClick={() => add({ name, op, value })}
                >
                  {op === '=' ? <IconPlus size={12} /> : <IconMinus size={12} />}
                </ActionIcon>
              </Tooltip>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note: string;
  readonly open: boolean;
  readonly children: ReactNode;
}

function Part({ title, note, open, children }: SectionProps) {
  return (
    <details className={styles['facet']} open={open}>
      <summary>
        <span className={styles['cut']}>{title}</span>
        <span className={`${styles['quiet']} num`}>{note}</span>
      </summary>
      {children}
    </details>
  );
}

function FieldPart({
  facet,
  lines,
  log,
}: {
  readonly facet: Facet;
  readonly lines: number;
  readonly log: LogQuery;
}) {
  const { name, distinct, parser, values } = facet;
  const isParsed = parser !== undefined && log.filters?.parser !== parser;
  return (
    <Part title={name} note={distinct.toLocaleString('en')} open={distinct <= 5 && parser === undefined}>
      <Values
        name={name}
        values={values}
        of={lines}
        add={(term) => (isParsed ? log.addParsed(parser, term) : log.add(term))}
      />
      {distinct > values.length && (
        <p className={styles['quiet']}>
          {(distinct - values.length).toLocaleString('en')} other values
          {parser === undefined ? '' : `, read as ${parser}`}
        </p>
      )}
    </Part>
  );
}

interface FacetsProps {
  readonly log: LogQuery;
  readonly range: TimeRange;
  readonly asOf: number;
  readonly levels: ReadonlyMap<string, number>;
}

/** What the lines can be told apart by: services and levels with counts of all lines, fields with those of the newest. */
export function Facets({ log, range, asOf, levels }: FacetsProps) {
  const services = useServiceCounts(log.query, range, asOf);
  const { data, error, isPending } = useFields(log.query, range, asOf);
  const total = [...levels.values()].reduce((sum, count) => sum + count, 0);
  const known = LEVELS.filter((level) => levels.has(level)).map((level) => ({
    value: level,
    count: levels.get(level) ?? 0,
  }));
  return (
    <aside className={styles['facets']} aria-label="Fields">
      {services.data !== undefined && (
        <Part title="Service" note={services.data.length.toLocaleString('en')} open>
          <Values name="service_name" values={services.data.slice(0, 20)} of={total} add={log.add} />
        </Part>
      )}
      {known.length > 0 && (
        <Part title="Level" note={known.length.toLocaleString('en')} open>
          <Values name="detected_level" values={known} of={total} add={log.add} />
        </Part>
      )}
      {isPending && <Bone height={160} />}
      {error !== null && data === undefined && <ErrorLine what="The fields" error={error} />}
      {data !== undefined && data.facets.length > 0 && (
        <p className={styles['quiet']}>Fields of the newest {data.lines.toLocaleString('en')} lines</p>
      )}
      {data?.facets.map((facet) => (
        <FieldPart key={facet.name} facet={facet} lines={data.lines} log={log} />
      ))}
    </aside>
  );
}
