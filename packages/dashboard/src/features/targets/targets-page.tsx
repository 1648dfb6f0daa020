import { TextInput, useMatches } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { Status, Target } from '../../api/contracts.ts';
import { useTargets } from '../../api/queries.ts';
import { Numeral, RelativeTime } from '../../ui/figures.tsx';
import { IconSearch } from '../../ui/icons.ts';
import page from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';
import styles from './targets.module.css';

const STATUS: Readonly<Record<Target['health'], Status>> = {
  up: 'healthy',
  down: 'unhealthy',
  unknown: 'unknown',
};
const ORDER: Readonly<Record<Target['health'], number>> = { down: 0, unknown: 1, up: 2 };

/** Down first, then by pool and address. */
export function sortTargets(targets: readonly Target[], search: string): Target[] {
  const needle = search.trim().toLowerCase();
  return targets
    .filter((target) =>
      [target.scrapeUrl, target.scrapePool, target.labels['job'] ?? '', target.lastError].some((text) =>
        text.toLowerCase().includes(needle),
      ),
    )
    .toSorted(
      (a, b) =>
        ORDER[a.health] - ORDER[b.health] ||
        a.scrapePool.localeCompare(b.scrapePool) ||
        a.scrapeUrl.localeCompare(b.scrapeUrl),
    );
}

function Row({ target, phone }: { readonly target: Target; readonly phone: boolean }) {
  const job = target.labels['job'] ?? target.scrapePool;
  const where = (
    <span className={styles['where']}>
      <span className={`${table['mono']} ${styles['where']}`} title={target.scrapeUrl}>
        {target.scrapeUrl}
      </span>
      {target.lastError !== '' && (
        <div className={styles['error']} title={target.lastError}>
          {target.lastError}
        </div>
      )}
    </span>
  );
  const name = (
    <Link to="/services/$name" params={{ name: job }} search={true} className={table['name']}>
      {job}
    </Link>
  );
  if (phone) {
    return (
      <div style={{ minWidth: 0 }}>
        <span className={table['listTop']}>
          {name}
          <StatusBadge status={STATUS[target.health]} />
        </span>
        {where}
      </div>
    );
  }
  return (
    <>
      <StatusBadge status={STATUS[target.health]} />
      {name}
      {where}
      <span className={styles['right']}>
        {target.lastScrape === null ? 'never' : <RelativeTime at={target.lastScrape} />}
      </span>
      <span className={styles['right']}>
        <Numeral value={target.lastScrapeDuration} unit="seconds" />
      </span>
      <span className={`num ${styles['right']}`}>
        {target.scrapeInterval.replace(/(\d)([a-z])/gi, '$1\u202f$2')}
      </span>
    </>
  );
}

export function TargetsPage() {
  const { data, error, isPending, refetch } = useTargets();
  const [search, setSearch] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const phone = useMatches({ base: true, sm: false });
  const height = useMatches({ base: 76, sm: 48 });
  const all = useMemo(() => data?.data.activeTargets ?? [], [data]);
  const rows = useMemo(() => sortTargets(all, search), [all, search]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  });
  if (error !== null && data === undefined) {
    return <ErrorState what="The targets" error={error} retry={() => void refetch()} />;
  }
  const down = all.filter((target) => target.health === 'down').length;
  return (
    <>
      <div className={page['pageHead']}>
        <h1>Scrape targets</h1>
        {data !== undefined && all.length > 0 && (
          <p>
            {all.length - down} of {all.length} answer
          </p>
        )}
      </div>
      {data !== undefined && all.length === 0 ? (
        <EmptyState title="Nothing is scraped yet" command="npx pharos check config pharos.yml">
          Name your services under scrape_configs in pharos.yml, in Prometheus' own syntax; Pharos then reads
          their /metrics.
        </EmptyState>
      ) : (
        <>
          <div className={styles['filters']}>
            <TextInput
              size="xs"
              aria-label="Filter targets"
              placeholder="Filter by address, job or error"
              leftSection={<IconSearch size={14} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          </div>
          {isPending ? (
            <Bone height={320} />
          ) : (
            <div
              ref={scroller}
              className={table['virtual']}
              style={{ maxHeight: 'calc(100vh - 216px)', minHeight: 120 }}
              tabIndex={0}
              role="region"
              aria-label="List of targets"
            >
              {!phone && (
                <div className={`${table['vHead']} ${styles['columns']}`}>
                  <span>State</span>
                  <span>Job</span>
                  <span>Address</span>
                  <span className={styles['right']}>Last scrape</span>
                  <span className={styles['right']}>Took</span>
                  <span className={styles['right']}>Every</span>
                </div>
              )}
              {rows.length === 0 && <p className={styles['none']}>No target matches.</p>}
              <div className={table['vBody']} style={{ height: virtual.getTotalSize() }} role="list">
                {virtual.getVirtualItems().map((item) => {
                  const target = rows[item.index];
                  if (target === undefined) return null;
                  return (
                    <div
                      key={`${target.scrapePool} ${target.scrapeUrl}`}
                      role="listitem"
                      className={`${table['vRow']} ${phone ? '' : styles['columns']}`}
                      style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                    >
                      <Row target={target} phone={phone} />
                    </div>
                  );
                })}
              </div>
            </div>
          )}
        </>
      )}
    </>
  );
}
