import { Button, TextInput, useMatches } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Status } from '../../api/contracts.ts';
import { useHealth, useServiceFacts, useSummary } from '../../api/queries.ts';
import { useTrends } from '../../api/use-trends.ts';
import { IconArrowDown, IconSearch } from '../../ui/icons.ts';
import shell from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';
import { useRowList } from '../../ui/use-row-list.ts';
import { filterServices, joinServices, type Sort, sortServices } from './rows.ts';
import { ServiceListItem, ServiceListRow } from './service-row.tsx';
import styles from './services.module.css';

const STATUSES: readonly Status[] = ['unhealthy', 'degraded', 'unknown', 'healthy'];
const ROW_HEIGHT = { base: 68, sm: 40 };

const COLUMNS: readonly { readonly label: string; readonly sort?: Sort; readonly right?: boolean }[] = [
  { label: 'Service', sort: 'name' },
  { label: 'State', sort: 'state' },
  { label: 'Requests', sort: 'requestRate', right: true },
  { label: 'Failed', sort: 'errorRatio', right: true },
  { label: 'p95 latency', sort: 'p95', right: true },
  { label: 'Up, 24 h', right: true },
  { label: 'Instances', right: true },
  { label: 'Breakers', right: true },
];

function Head({ sort, choose }: { readonly sort: Sort; readonly choose: (sort: Sort) => void }) {
  return (
    <div className={`${table['vHead']} ${styles['columns']}`}>
      {COLUMNS.map((column) => {
        const { sort: by } = column;
        const side = column.right === true ? table['right'] : '';
        return by === undefined ? (
          <span key={column.label} style={{ textAlign: 'right' }}>
            {column.label}
          </span>
        ) : (
          <button
            key={column.label}
            type="button"
            className={side}
            style={column.right === true ? { justifySelf: 'end' } : {}}
            aria-pressed={sort === by}
            onClick={() => choose(by)}
          >
            {column.label}
            {sort === by && <IconArrowDown size={12} aria-hidden />}
          </button>
        );
      })}
    </div>
  );
}

export function ServicesPage() {
  const search = useSearch({ from: '/services' });
  const navigate = useNavigate({ from: '/services' });
  const health = useHealth();
  const summary = useSummary();
  const facts = useServiceFacts();
  const trends = useTrends();
  const phone = useMatches({ base: true, sm: false });
  const height = useMatches(ROW_HEIGHT);
  const { q = '', status, sort = 'state' } = search;

  const all = useMemo(
    () =>
      joinServices(
        health.data?.services ?? [],
        summary.data?.services ?? [],
        facts.data?.services ?? [],
        trends,
      ),
    [health.data, summary.data, facts.data, trends],
  );
  const rows = useMemo(() => sortServices(filterServices(all, { q, status }), sort), [all, q, status, sort]);
  const open = (index: number): void => {
    const name = rows[index]?.name;
    if (name !== undefined)
      void navigate({ to: '/services/$name', params: { name }, search: (previous) => previous });
  };
  const { scroller, virtual, selected } = useRowList({
    count: rows.length,
    heightPx: height,
    what: 'service',
    open,
  });
  const set = (next: typeof search): void => {
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  };

  if (health.error !== null && health.data === undefined) {
    return <ErrorState what="The services" error={health.error} retry={() => void health.refetch()} />;
  }
  if (health.data?.services.length === 0) {
    return (
      <>
        <div className={shell['pageHead']}>
          <h1>Services</h1>
        </div>
        <EmptyState title="No service yet" command="npm start">
          A service appears here as soon as Pharos scrapes it or a report of it comes in. The demo shop brings
          five.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <div className={shell['pageHead']}>
        <h1>Services</h1>
        <p>{rows.length === all.length ? all.length : `${rows.length} of ${all.length}`}</p>
      </div>
      <div className={styles['filters']}>
        <TextInput
          size="xs"
          aria-label="Filter by name"
          placeholder="Filter by name"
          leftSection={<IconSearch size={14} />}
          value={q}
          onChange={(event) => set({ q: event.currentTarget.value || undefined })}
        />
        {STATUSES.map((candidate) => (
          <StatusChip
            key={candidate}
            status={candidate}
            count={all.filter((row) => row.status === candidate).length}
            chosen={status === candidate}
            choose={() => set({ status: status === candidate ? undefined : candidate })}
          />
        ))}
      </div>
      <div
        ref={scroller}
        className={table['virtual']}
        style={{ maxHeight: 'calc(100vh - 216px)', minHeight: 200 }}
        tabIndex={0}
        role="region"
        aria-label="List of services"
      >
        {!phone && <Head sort={sort} choose={(next) => set({ sort: next === 'state' ? undefined : next })} />}
        {health.isPending && <Bone height={320} />}
        {!health.isPending && rows.length === 0 && (
          <p className={styles['since']} style={{ padding: 16 }}>
            No service matches. Clear the filters to see all {all.length}.
          </p>
        )}
        <div className={table['vBody']} style={{ height: virtual.getTotalSize() }} role="list">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const Row = phone ? ServiceListItem : ServiceListRow;
            return (
              <Row
                key={row.name}
                row={row}
                top={item.start}
                height={item.size}
                selected={item.index === selected}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}

function StatusChip(props: {
  readonly status: Status;
  readonly count: number;
  readonly chosen: boolean;
  readonly choose: () => void;
}) {
  const { status, count, chosen, choose } = props;
  if (count === 0 && !chosen) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      className={styles['chip'] ?? ''}
      data-chosen={chosen}
      aria-pressed={chosen}
      onClick={choose}
      leftSection={<StatusIcon status={status} size={14} />}
    >
      {count} {status}
    </Button>
  );
}
