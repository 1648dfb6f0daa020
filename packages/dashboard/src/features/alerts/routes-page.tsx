import { Textarea } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { formatDuration } from '../../ui/format.ts';
import { Bone, EmptyState, ErrorLine, ErrorState, Section } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Route, Routed } from './contracts.ts';
import { Head } from './head.tsx';
import { pastedLabels } from './matchers.ts';
import { usePolicies } from './oncall/use-on-call.ts';
import ofRoutes from './routes.module.css';
import { useRouted, useRoutes } from './use-alerts.ts';

const COMMAND = `printf 'alertmanager: {config_file: alertmanager.yml}\\n' >> pharos.yaml`;
const PLACEHOLDER = 'alertname="ServiceDown", severity="critical"';

type Step = Routed['steps'][number];

/** "by alertname, service · after 30 s, again after 4 h" */
function timing(route: Route): string {
  const by = route.group_by.includes('...')
    ? 'each alert alone'
    : `by ${route.group_by.join(', ') || 'nothing'}`;
  return `${by} · waits ${formatDuration(route.group_wait_ms)}, news after ${formatDuration(route.group_interval_ms)}, again after ${formatDuration(route.repeat_interval_ms)}`;
}

function passed(step: Step | undefined, ends: boolean, asked: boolean): 'end' | 'way' | 'no' | 'plain' {
  if (!asked) return 'plain';
  if (step?.matches !== true) return 'no';
  return ends ? 'end' : 'way';
}

interface NodeProps {
  readonly route: Route;
  readonly step: Step | undefined;
  /** Alerts with the labels end here. */
  readonly ends: boolean;
  readonly asked: boolean;
}

function Node({ route, step, ends, asked }: NodeProps) {
  const intervals = [
    ...route.mute_time_intervals.map((name) => `muted in ${name}`),
    ...route.active_time_intervals.map((name) => `only in ${name}`),
  ];
  return (
    <li
      className={ofRoutes['node']}
      style={{ marginInlineStart: `calc(var(--indent) * ${route.depth})` }}
      data-passed={passed(step, ends, asked)}
      {...(ends && { 'aria-current': 'true' as const })}
    >
      <p className={ofRoutes['nodeHead']}>
        <code>{route.matchers.length === 0 ? 'everything' : route.matchers.join(', ')}</code>
        <span aria-hidden>→</span>
        <Link to="/alerts" search={{ receiver: route.receiver }} className={styles['link']}>
          {route.receiver}
        </Link>
        {ends && <span className={ofRoutes['endMark']}>told here</span>}
        {asked && step?.failed != null && (
          <span className={styles['quiet']}>{step.failed} does not hold</span>
        )}
        {asked && step === undefined && <span className={styles['quiet']}>not looked at</span>}
      </p>
      <p className={styles['quiet']}>
        {[timing(route), ...intervals, ...(route.continues ? ['goes on to the next route'] : [])].join(' · ')}
      </p>
    </li>
  );
}

function Tester({ text }: { readonly text: string }) {
  const navigate = useNavigate({ from: '/alerts/routes' });
  const labels = useMemo(() => (text.trim() === '' ? null : pastedLabels(text)), [text]);
  const { data, error } = useRouted(labels);
  return (
    <div className={ofRoutes['tester']}>
      <Textarea
        size="xs"
        label="Labels of an alert"
        description="As text, JSON or lines; their way is drawn in the tree"
        placeholder={PLACEHOLDER}
        autosize
        minRows={1}
        maxRows={8}
        classNames={{ input: styles['mono'] ?? '' }}
        value={text}
        onChange={(event) =>
          void navigate({ search: { labels: event.currentTarget.value || undefined }, replace: true })
        }
      />
      {text.trim() !== '' && labels === null && (
        <p className={styles['wrong']} role="alert">
          These are no labels: write them like {PLACEHOLDER}
        </p>
      )}
      {error !== null && <ErrorLine what="Their way" error={error} />}
      {labels !== null && data !== undefined && (
        <p role="status">
          Told to <b>{data.receivers.join(', ')}</b>
        </p>
      )}
    </div>
  );
}

/** The tree of routes, and the way of labels through it. */
export function RoutesPage() {
  const { labels: text = '' } = useSearch({ from: '/alerts/routes' });
  const { data, error, refetch } = useRoutes();
  const policies = usePolicies().data?.policies ?? [];
  const policiesOf = (receiver: string): readonly string[] =>
    policies.filter(({ receivers }) => receivers.includes(receiver)).map(({ name }) => name);
  const labels = useMemo(() => (text.trim() === '' ? null : pastedLabels(text)), [text]);
  const routed = useRouted(labels);
  const way = labels === null ? undefined : routed.data;
  const steps = useMemo(() => new Map(way?.steps.map((step) => [step.route, step])), [way]);
  const ends = useMemo(() => endsOf(way), [way]);
  if (error !== null && data === undefined)
    return <ErrorState what="The routes" error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Bone height={320} />;
  const nobody = data.receivers.every(({ integrations }) => integrations.length === 0);
  return (
    <>
      <Head title="Routes">
        {data.routes.length === 1 ? 'one route' : `${data.routes.length.toLocaleString('en')} routes`},{' '}
        {data.receivers.length === 1 ? 'one receiver' : `${data.receivers.length} receivers`}
      </Head>
      {nobody ? (
        <EmptyState title="Nobody is told of alerts yet" command={COMMAND}>
          Who is told stands in a file of Alertmanager's form: routes, receivers, inhibition, time intervals.
          Name it in pharos.yaml, then reload with SIGHUP; <code>pharos check alertmanager</code> says
          beforehand what is wrong with it.
        </EmptyState>
      ) : (
        <>
          <Tester text={text} />
          <ol className={ofRoutes['tree']} aria-label="Routes, as alerts go through them">
            {data.routes.map((route) => (
              <Node
                key={route.id}
                route={route}
                step={steps.get(route.id)}
                ends={ends.has(route.id)}
                asked={way !== undefined}
              />
            ))}
          </ol>
          <Section title="Receivers">
            <ul className={styles['plain']}>
              {data.receivers.map(({ name, integrations }) => (
                <li key={name} className={ofRoutes['receiver']}>
                  <b>{name}</b>
                  {policiesOf(name).map((policy) => (
                    <span key={policy} className={styles['quiet']}>
                      pages by the policy{' '}
                      <Link to="/alerts/on-call" search={{}} className={styles['link']}>
                        {policy}
                      </Link>
                    </span>
                  ))}
                  {integrations.length === 0 && policiesOf(name).length === 0 && (
                    <span className={styles['quiet']}>tells nobody</span>
                  )}
                  {integrations.map((one) => (
                    <span key={one.name} className={styles['quiet']}>
                      {one.name}
                      {!one.sent && ', skipped: Pharos does not send to this kind'}
                    </span>
                  ))}
                  <Link to="/alerts/deliveries" search={{ receiver: name }} className={styles['link']}>
                    Its deliveries
                  </Link>
                </li>
              ))}
            </ul>
          </Section>
        </>
      )}
    </>
  );
}

/** Routes that labels end at: those on the way none of whose children is. */
function endsOf(way: Routed | undefined): ReadonlySet<string> {
  const ends = new Set<string>();
  for (const [at, step] of (way?.steps ?? []).entries()) {
    if (!step.matches) continue;
    const below = way?.steps.slice(at + 1) ?? [];
    const after = below.findIndex(({ depth }) => depth <= step.depth);
    const children = after < 0 ? below : below.slice(0, after);
    if (!children.some(({ matches }) => matches)) ends.add(step.route);
  }
  return ends;
}
