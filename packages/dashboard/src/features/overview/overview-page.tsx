import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Health, Summary } from '../../api/contracts.ts';
import { useHealth, useSummary } from '../../api/queries.ts';
import { useTrends } from '../../api/use-trends.ts';
import page from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { Changes } from './changes.tsx';
import { Kpis } from './kpis.tsx';
import styles from './overview.module.css';
import { OverviewCharts } from './overview-charts.tsx';
import { ServiceTable } from './service-table.tsx';
import { Verdict } from './verdict.tsx';

function Head({ health }: { readonly health: UseQueryResult<Health> }) {
  if (health.data !== undefined) return <Verdict services={health.data.services} />;
  if (health.error !== null) {
    return (
      <ErrorState
        what="The state of your services"
        error={health.error}
        retry={() => void health.refetch()}
      />
    );
  }
  return (
    <div className={styles['verdict']}>
      <h1 className="sr-only">Overview</h1>
      <Bone width={320} height={24} />
    </div>
  );
}

function Body({
  summary,
  health,
}: {
  readonly summary: UseQueryResult<Summary>;
  readonly health: Health | undefined;
}) {
  const { data, error, refetch } = summary;
  const trends = useTrends();
  const sparklines = useMemo(() => [...trends.values()], [trends]);
  if (data === undefined && error !== null) {
    return (
      <div className={styles['body']}>
        <ErrorState what="The figures" error={error} retry={() => void refetch()} />
      </div>
    );
  }
  return (
    <>
      <Kpis summary={data} trends={sparklines} />
      <div className={styles['body']}>
        {data === undefined ? (
          <Bone height={264} />
        ) : (
          <ServiceTable
            services={data.services}
            health={health?.services ?? []}
            window={data.window}
            trends={trends}
          />
        )}
        {data === undefined ? <Bone height={264} /> : <Changes changes={data.changes} />}
      </div>
    </>
  );
}

/** One glance: which services are well, the three figures that matter, and what changed. */
export function OverviewPage() {
  const health = useHealth();
  const summary = useSummary();
  if (health.data?.services.length === 0) {
    return (
      <>
        <div className={page['pageHead']}>
          <h1>Overview</h1>
        </div>
        <EmptyState title="No service yet" command="npm start">
          Pharos shows a service as soon as it reads its metrics or a report of it comes in. This command
          starts the demo shop with five of them; your own needs one entry under scrape_configs, or three
          lines of the SDK.
        </EmptyState>
      </>
    );
  }
  const nothing = health.data === undefined && summary.data === undefined;
  // One cause, one message: when not even the state comes, the rest fails for the same reason.
  if (nothing && health.error !== null) {
    return (
      <>
        <h1 className="sr-only">Overview</h1>
        <Head health={health} />
      </>
    );
  }
  return (
    <>
      <Head health={health} />
      <Body summary={summary} health={health.data} />
      <OverviewCharts />
    </>
  );
}
