import { useParams } from '@tanstack/react-router';
import { useHealth, usePerformance, useServiceFacts, useSummary } from '../../api/queries.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { ErrorState } from '../../ui/states.tsx';
import { ServiceChanges } from './service-changes.tsx';
import { ServiceCharts } from './service-charts.tsx';
import { ServiceFigures } from './service-figures.tsx';
import { ServiceHead } from './service-head.tsx';
import { BreakerTable, DependencyList, EndpointTable, InstanceTable } from './service-tables.tsx';
import styles from './services.module.css';

/** One service: how it is and why, its golden signals, what it runs on and whom it calls. */
export function ServicePage() {
  const { name } = useParams({ from: '/services/$name' });
  const [range] = useTimeRange();
  const health = useHealth();
  const summary = useSummary();
  const facts = useServiceFacts();
  const performance = usePerformance(name, range);
  const own = health.data?.services.find((service) => service.name === name);
  const figures = performance.data?.services.find((service) => service.name === name);
  const fact = facts.data?.services.find((service) => service.name === name);
  const now = summary.data?.services.find((service) => service.name === name);
  return (
    <>
      <ServiceHead name={name} health={own} known={health.data !== undefined} failed={health.error} />
      <ServiceFigures summary={now} performance={figures} window={summary.data?.window} />
      {performance.error !== null && performance.data === undefined ? (
        <ErrorState
          what={`The curves of ${name}`}
          error={performance.error}
          retry={() => void performance.refetch()}
        />
      ) : (
        <ServiceCharts
          name={name}
          performance={figures}
          loading={performance.isPending}
          asOf={performance.dataUpdatedAt}
        />
      )}
      <div className={styles['pair']}>
        <ServiceChanges name={name} />
        <EndpointTable
          endpoints={figures?.slowestEndpoints ?? []}
          loading={performance.isPending}
          failed={figures === undefined ? performance.error : null}
        />
        <InstanceTable
          instances={own?.instances ?? []}
          sources={own?.sources ?? []}
          loading={health.isPending}
        />
        <BreakerTable
          breakers={fact?.breakers ?? []}
          loading={facts.isPending}
          failed={facts.data === undefined ? facts.error : null}
        />
        <DependencyList
          names={fact?.dependencies ?? []}
          health={health.data?.services ?? []}
          loading={facts.isPending}
          failed={facts.data === undefined ? facts.error : null}
        />
      </div>
    </>
  );
}
