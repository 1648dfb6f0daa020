import { useParams } from '@tanstack/react-router';
import { useHealth, usePerformance, useServiceFacts, useSummary } from '../../api/queries.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { Bone, ErrorState } from '../../ui/states.tsx';
import { ServiceChanges } from './service-changes.tsx';
import { ServiceCharts } from './service-charts.tsx';
import { ServiceFigures } from './service-figures.tsx';
import { ServiceHead } from './service-head.tsx';
import {
  BreakerTable,
  DependencyList,
  EndpointTable,
  InstanceTable,
  VersionTable,
} from './service-tables.tsx';
import styles from './services.module.css';

interface Named {
  readonly name: string;
}

function named<T extends Named>(services: readonly T[] | undefined, name: string): T | undefined {
  return services?.find((service) => service.name === name);
}

/** What a query failed with, when it has nothing older to show instead. */
function failureOf(query: { readonly data: unknown; readonly error: Error | null }): Error | null {
  return query.data === undefined ? query.error : null;
}

function Curves({ name }: Named) {
  const [range] = useTimeRange();
  const performance = usePerformance(name, range);
  const failure = failureOf(performance);
  if (failure !== null) {
    return (
      <ErrorState what={`The curves of ${name}`} error={failure} retry={() => void performance.refetch()} />
    );
  }
  return (
    <ServiceCharts
      name={name}
      performance={named(performance.data?.services, name)}
      loading={performance.isPending}
      asOf={performance.dataUpdatedAt}
    />
  );
}

function Details({ name }: Named) {
  const [range] = useTimeRange();
  const health = useHealth();
  const facts = useServiceFacts();
  const performance = usePerformance(name, range);
  const own = named(health.data?.services, name);
  const fact = named(facts.data?.services, name);
  const factsFailure = failureOf(facts);
  return (
    <div className={styles['pair']}>
      <ServiceChanges name={name} />
      <EndpointTable
        endpoints={named(performance.data?.services, name)?.slowestEndpoints ?? []}
        loading={performance.isPending}
        failed={failureOf(performance)}
      />
      <InstanceTable
        instances={own?.instances ?? []}
        sources={own?.sources ?? []}
        loading={health.isPending}
      />
      <VersionTable versions={fact?.versions ?? []} loading={facts.isPending} failed={factsFailure} />
      <BreakerTable breakers={fact?.breakers ?? []} loading={facts.isPending} failed={factsFailure} />
      <DependencyList
        names={fact?.dependencies ?? []}
        health={health.data?.services ?? []}
        loading={facts.isPending}
        failed={factsFailure}
      />
    </div>
  );
}

/** The page's shape until its state is known; replaced as a whole, so that nothing moves under the reader's eyes. */
function Waiting({ name }: Named) {
  return (
    <div>
      <div className={styles['head']}>
        <h1>{name}</h1>
      </div>
      <div className={styles['strip']}>
        <Bone height={40} />
      </div>
      <div className={styles['strip']}>
        <Bone height={88} />
      </div>
      <div className={styles['strip']}>
        <Bone height={480} />
      </div>
    </div>
  );
}

/** One service: how it is and why, its golden signals, what changed, what it runs on and whom it calls. */
export function ServicePage() {
  const { name } = useParams({ from: '/services/$name' });
  const [range] = useTimeRange();
  const health = useHealth();
  const summary = useSummary();
  const performance = usePerformance(name, range);
  if (health.data === undefined && health.error === null) return <Waiting name={name} />;
  const { data } = performance;
  return (
    <>
      <ServiceHead
        name={name}
        health={named(health.data?.services, name)}
        known={health.data !== undefined}
        failed={health.error}
      />
      <ServiceFigures
        summary={named(summary.data?.services, name)}
        performance={data === undefined ? undefined : (named(data.services, name) ?? null)}
        window={summary.data?.window}
      />
      <Curves name={name} />
      <Details name={name} />
    </>
  );
}
