import { Button, SegmentedControl, Select, TextInput, useMatches } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { FIRST_TARGET } from '../../joins/first-target.ts';
import { formatValue } from '../../ui/format.ts';
import { IconSearch } from '../../ui/icons.ts';
import page from '../../ui/page.module.css';
import { Bone, Command, EmptyState, ErrorLine, ErrorState, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { adviceOf } from './advice.ts';
import styles from './cardinality.module.css';
import type { Report } from './contracts.ts';
import { GrowthSection } from './growth-section.tsx';
import { LimitsSection } from './limits-section.tsx';
import { COLUMNS, rowsOf, TAB_NAMES, TABS, type Tab } from './rows.ts';
import { useReport } from './use-cardinality.ts';

const NEAR_LIMIT = 0.8;
/** The largest stand on the first screen; the others are asked for. */
const FIRST_ROWS = 20;

function Figures({ report }: { readonly report: Report }) {
  const { totals, seriesLimit } = report;
  const used = totals.series / seriesLimit;
  const figures = [
    ['New in the last hour', totals.fresh],
    ['Ended, still in memory', totals.ended],
    ['Metrics', totals.metrics],
    ['Label names', totals.labels],
    ['Distinct label values', totals.pairs],
  ] as const;
  return (
    <div className={styles['kpis']}>
      <div className={styles['kpi']}>
        <span>Active series</span>
        <strong className="num">{totals.series.toLocaleString('en')}</strong>
        <div className={styles['meter']} data-near={used > NEAR_LIMIT}>
          <i style={{ width: `${Math.min(100, used * 100)}%` }} />
        </div>
        <small>
          {formatValue(used, 'ratio')} of {formatValue(seriesLimit, 'count')} allowed
        </small>
      </div>
      {figures.map(([name, value]) => (
        <div key={name} className={styles['kpi']}>
          <span>{name}</span>
          <strong className="num">{value.toLocaleString('en')}</strong>
        </div>
      ))}
    </div>
  );
}

function List({
  report,
  tab,
  search,
}: {
  readonly report: Report;
  readonly tab: Tab;
  readonly search: string;
}) {
  const [all, setAll] = useState(false);
  const found = rowsOf(report, tab, search);
  const rows = all ? found : found.slice(0, FIRST_ROWS);
  const columns = COLUMNS[tab];
  const most = Math.max(1, ...rows.map(({ count }) => count));
  if (rows.length === 0)
    return (
      <p className={styles['quiet']}>
        {search === '' ? 'There is none: nothing new came within the last hour.' : 'Nothing matches.'}
      </p>
    );
  return (
    <div className={table['scroll']}>
      <table className={table['table']}>
        <thead>
          <tr>
            <th>{columns.name}</th>
            <th className={table['right']}>{columns.count}</th>
            {columns.more.map((name) => (
              <th key={name} className={`${table['right']} ${styles['optional']}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td>
                {row.query === null ? (
                  <span className={styles['name']}>{row.name}</span>
                ) : (
                  <Link
                    to="/explore"
                    search={(previous) => ({
                      ...previous,
                      q: [row.query ?? ''],
                      view: 'table',
                      tab: undefined,
                    })}
                    className={styles['name']}
                    title="Open in the explorer"
                  >
                    {row.name}
                  </Link>
                )}
              </td>
              <td className={`${table['right']} num`}>
                {row.count.toLocaleString('en')}
                <span className={styles['share']} aria-hidden>
                  <i style={{ width: `${(100 * row.count) / most}%` }} />
                </span>
              </td>
              {row.more.map((text, index) => (
                <td key={columns.more[index]} className={`${table['right']} ${styles['optional']} num`}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {found.length > rows.length && (
        <Button size="xs" variant="subtle" onClick={() => setAll(true)}>
          Show {found.length - rows.length} more
        </Button>
      )}
    </div>
  );
}

function Lists({ report }: { readonly report: Report }) {
  const { tab = 'metrics', q = '' } = useSearch({ from: '/cardinality' });
  const navigate = useNavigate({ from: '/cardinality' });
  const phone = useMatches({ base: true, sm: false });
  const choose = (next: string | null): void =>
    void navigate({
      search: (previous) => ({ ...previous, tab: TABS.find((known) => known === next) }),
      replace: true,
    });
  const data = TABS.map((value) => ({ value, label: TAB_NAMES[value] }));
  return (
    <Section title="Where the series come from" note="the largest 100 of each">
      <div className={styles['bar']}>
        {phone ? (
          <Select
            size="xs"
            aria-label="Count by"
            allowDeselect={false}
            value={tab}
            onChange={choose}
            data={data}
          />
        ) : (
          <SegmentedControl size="xs" aria-label="Count by" value={tab} onChange={choose} data={data} />
        )}
        <TextInput
          size="xs"
          aria-label="Filter the list"
          placeholder="Filter"
          leftSection={<IconSearch size={14} />}
          value={q}
          onChange={(event) => {
            const text = event.currentTarget.value;
            void navigate({ search: (previous) => ({ ...previous, q: text || undefined }), replace: true });
          }}
        />
      </div>
      <List report={report} tab={tab} search={q} />
    </Section>
  );
}

function AdviceSection({ report }: { readonly report: Report }) {
  const advice = adviceOf(report);
  return (
    <Section title="What would help">
      {advice.length === 0 ? (
        <p className={styles['quiet']}>
          Nothing stands out: no label looks like an id, no metric dominates, no value is very long.
        </p>
      ) : (
        <ul className={styles['advice']}>
          {advice.map(({ id, title, why, rule, selector }) => (
            <li key={id}>
              <h3>{title}</h3>
              <p>
                {why}{' '}
                <Link
                  to="/explore"
                  search={(previous) => ({
                    ...previous,
                    q: [`topk(20, count by (__name__, job) (${selector}))`],
                    view: 'table',
                    tab: undefined,
                  })}
                  className={styles['look']}
                >
                  Look at them
                </Link>
              </p>
              <Command text={rule} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function CardinalityPage() {
  const { data, error, isPending, refetch } = useReport();
  if (error !== null && data === undefined)
    return <ErrorState what="The cardinality" error={error} retry={() => void refetch()} />;
  return (
    <>
      <div className={page['pageHead']}>
        <h1>Cardinality</h1>
        <p>How many series there are, where they come from, and what to do about it</p>
      </div>
      {isPending && <Bone height={480} />}
      {data !== undefined && data.totals.series === 0 && (
        <EmptyState title="No series yet" command={FIRST_TARGET}>
          Series appear as soon as something is scraped or sent here: name it in pharos.yaml, then reload with
          SIGHUP.
        </EmptyState>
      )}
      {data !== undefined && data.totals.series > 0 && (
        <>
          {error !== null && <ErrorLine what="Newer figures" error={error} />}
          <Figures report={data} />
          <div className={styles['pair']}>
            <AdviceSection report={data} />
            <LimitsSection />
          </div>
          <GrowthSection report={data} />
          <Lists report={data} />
        </>
      )}
    </>
  );
}
