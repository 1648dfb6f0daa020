import { Select, TextInput, useMatches } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTargets } from '../../api/queries.ts';
import { FIRST_TARGET } from '../../joins/first-target.ts';
import { StateChip } from '../../ui/chip.tsx';
import { Numeral, RelativeTime } from '../../ui/figures.tsx';
import { IconSearch } from '../../ui/icons.ts';
import page from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';
import { useRowList } from '../../ui/use-row-list.ts';
import { errorInWords } from './error-words.ts';
import { filterTargets, STATES, STATUS, type State, type TargetRow, targetRows } from './rows.ts';
import { TargetDetail } from './target-detail.tsx';
import styles from './targets.module.css';
import { type Samples, samplesKey, useSamples } from './use-samples.ts';

const WORD: Readonly<Record<State, string>> = {
  down: 'down',
  unknown: 'not scraped yet',
  up: 'up',
  dropped: 'dropped',
};

interface RowProps {
  readonly row: TargetRow;
  readonly samples: Samples | undefined;
  readonly open: () => void;
}

function StateBadge({ row }: { readonly row: TargetRow }) {
  return row.target === null ? (
    <span className={styles['quiet']}>dropped</span>
  ) : (
    <StatusBadge status={STATUS[row.target.health]} />
  );
}

function Where({ row, open }: Pick<RowProps, 'row' | 'open'>) {
  const error = row.target?.lastError ?? '';
  const [hit] = row.target?.limits ?? [];
  const words = errorInWords(error) || error;
  return (
    <span className={styles['where']}>
      <button type="button" className={`${table['mono']} ${styles['address']}`} onClick={open}>
        {row.target?.scrapeUrl ?? row.instance}
      </button>
      {error !== '' && (
        <span className={styles['error']} title={error}>
          {words}
        </span>
      )}
      {error === '' && hit !== undefined && (
        <span className={styles['limited']} title={hit.message}>
          {hit.samples.toLocaleString('en')} samples left out: {hit.limit}
        </span>
      )}
    </span>
  );
}

function Job({ row }: { readonly row: TargetRow }) {
  return (
    <Link to="/services/$name" params={{ name: row.job }} search={true} className={table['name']}>
      <span className={styles['cut']}>{row.job}</span>
    </Link>
  );
}

function WideRow({ row, samples, open }: RowProps) {
  const { target } = row;
  return (
    <>
      <StateBadge row={row} />
      <Job row={row} />
      <Where row={row} open={open} />
      <span className={styles['right']}>
        {target?.lastScrape == null ? 'never' : <RelativeTime at={target.lastScrape} />}
      </span>
      <span className={styles['right']}>
        <Numeral value={target?.lastScrapeDuration} unit="seconds" />
      </span>
      <span className={styles['right']}>
        <Numeral value={samples?.scraped} unit="count" />
      </span>
      <span className={styles['right']}>
        <Numeral value={samples?.added} unit="count" />
      </span>
      <span className={`num ${styles['right']}`}>
        {target?.scrapeInterval.replace(/(\d)([a-z])/gi, '$1\u202f$2')}
      </span>
    </>
  );
}

function PhoneRow({ row, samples, open }: RowProps) {
  const { target } = row;
  const quiet = (target?.lastError ?? '') === '' && (target?.limits ?? []).length === 0;
  return (
    <div style={{ minWidth: 0 }}>
      <span className={table['listTop']}>
        <Job row={row} />
        <StateBadge row={row} />
      </span>
      <Where row={row} open={open} />
      {quiet && target?.lastScrape != null && (
        <span className={styles['quiet']}>
          <RelativeTime at={target.lastScrape} /> in{' '}
          <Numeral value={target.lastScrapeDuration} unit="seconds" />,{' '}
          <Numeral value={samples?.scraped} unit="count" /> samples
        </span>
      )}
    </div>
  );
}

function Head() {
  return (
    <div className={`${table['vHead']} ${styles['columns']}`}>
      <span>State</span>
      <span>Job</span>
      <span>Address</span>
      {['Last scrape', 'Took', 'Samples', 'New series', 'Every'].map((name) => (
        <span key={name} className={styles['right']}>
          {name}
        </span>
      ))}
    </div>
  );
}

function Filters({ rows }: { readonly rows: readonly TargetRow[] }) {
  const { q = '', pool, state } = useSearch({ from: '/targets' });
  const navigate = useNavigate({ from: '/targets' });
  const set = (next: Parameters<typeof filterTargets>[1]): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  const pools = useMemo(() => [...new Set(rows.map((row) => row.pool))].toSorted(), [rows]);
  return (
    <div className={styles['filters']}>
      <TextInput
        size="xs"
        aria-label="Filter targets"
        placeholder="Address, error or label=value"
        leftSection={<IconSearch size={14} />}
        value={q}
        onChange={(event) => set({ q: event.currentTarget.value || undefined })}
      />
      {pools.length > 1 && (
        <Select
          size="xs"
          aria-label="Pool"
          placeholder={`All ${pools.length} pools`}
          clearable
          searchable
          limit={200}
          data={pools}
          value={pool ?? null}
          onChange={(next) => set({ pool: next ?? undefined })}
        />
      )}
      {STATES.map((candidate) => (
        <StateChip
          key={candidate}
          count={rows.filter((row) => row.state === candidate).length}
          word={WORD[candidate]}
          look={candidate === 'dropped' ? null : STATUS[candidate]}
          chosen={state === candidate}
          toggle={() => set({ state: state === candidate ? undefined : candidate })}
        />
      ))}
    </div>
  );
}

function TargetList({ rows }: { readonly rows: readonly TargetRow[] }) {
  const samples = useSamples();
  const [chosen, setChosen] = useState<string | null>(null);
  const phone = useMatches({ base: true, sm: false });
  const troubled = rows.some(
    ({ target }) => (target?.lastError ?? '') !== '' || (target?.limits ?? []).length > 0,
  );
  const height = useMatches({ base: 76, sm: troubled ? 48 : 40 });
  const { scroller, virtual, selected } = useRowList({
    count: rows.length,
    heightPx: height,
    what: 'target',
    open: (index) => setChosen(rows[index]?.key ?? null),
  });
  const open = rows.find(({ key }) => key === chosen) ?? null;
  const samplesFor = (row: TargetRow | null): Samples | undefined =>
    row === null ? undefined : samples.get(samplesKey(row.job, row.instance));
  const Row = phone ? PhoneRow : WideRow;
  return (
    <>
      <div
        ref={scroller}
        className={table['virtual']}
        style={{ maxHeight: 'calc(100vh - 216px)', minHeight: 120 }}
        tabIndex={0}
        role="region"
        aria-label="List of targets"
      >
        {!phone && <Head />}
        {rows.length === 0 && (
          <p className={styles['none']}>No target matches. Clear the filters to see all.</p>
        )}
        <div className={table['vBody']} style={{ height: virtual.getTotalSize() }} role="list">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={row.key}
                role="listitem"
                data-selected={item.index === selected}
                className={`${table['vRow']} ${phone ? '' : styles['columns']}`}
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
              >
                <Row row={row} samples={samplesFor(row)} open={() => setChosen(row.key)} />
              </div>
            );
          })}
        </div>
      </div>
      <TargetDetail row={open} samples={samplesFor(open)} close={() => setChosen(null)} />
    </>
  );
}

export function TargetsPage() {
  const { data, error, isPending, refetch } = useTargets();
  const search = useSearch({ from: '/targets' });
  const all = useMemo(
    () => targetRows(data?.data.activeTargets ?? [], data?.data.droppedTargets ?? []),
    [data],
  );
  const rows = useMemo(() => filterTargets(all, search), [all, search]);
  if (error !== null && data === undefined)
    return <ErrorState what="The targets" error={error} retry={() => void refetch()} />;
  const active = all.filter(({ state }) => state !== 'dropped').length;
  const up = all.filter(({ state }) => state === 'up').length;
  const counted = Object.values(data?.data.droppedTargetCounts ?? {}).reduce((sum, count) => sum + count, 0);
  const kept = data?.data.droppedTargets.length ?? 0;
  return (
    <>
      <div className={page['pageHead']}>
        <h1>Scrape targets</h1>
        {data !== undefined && all.length > 0 && (
          <p>
            {up.toLocaleString('en')} of {active.toLocaleString('en')} answer
            {counted > kept &&
              `; ${counted.toLocaleString('en')} were dropped, ${kept.toLocaleString('en')} of them are kept to be looked at`}
          </p>
        )}
      </div>
      {error !== null && <ErrorLine what="Newer states" error={error} />}
      {isPending && <Bone height={320} />}
      {data !== undefined && all.length === 0 && (
        <EmptyState title="Nothing is scraped yet" command={FIRST_TARGET}>
          Name your services under scrape_configs in pharos.yaml, in Prometheus' own syntax, then reload with
          SIGHUP; Pharos reads their /metrics. <code>pharos check config</code> says beforehand what is wrong
          in the file.
        </EmptyState>
      )}
      {all.length > 0 && (
        <>
          <Filters rows={all} />
          <TargetList rows={rows} />
        </>
      )}
    </>
  );
}
