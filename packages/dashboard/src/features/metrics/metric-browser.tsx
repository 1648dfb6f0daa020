import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useRef, useState } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { IconArrowRight, IconSearch } from '../../ui/icons.ts';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import { type Chosen, selector, suggestions } from './build-query.ts';
import styles from './explorer.module.css';

const METRICS = '1000';
const VALUES = '200';
const ROW_HEIGHT = 56;

const metricsSchema = z.object({
  total: z.number(),
  matching: z.number(),
  metrics: z.array(
    z.object({
      name: z.string(),
      series: z.number(),
      type: z.string().default(''),
      help: z.string().default(''),
      unit: z.string().default(''),
    }),
  ),
});
type Metric = z.infer<typeof metricsSchema>['metrics'][number];

const labelsSchema = z.object({
  series: z.number(),
  labels: z.array(z.object({ name: z.string(), values: z.number(), series: z.number() })),
  values: z.array(z.object({ value: z.string(), series: z.number() })),
  matching: z.number(),
  partial: z.boolean(),
});

function useMetrics(search: string) {
  return useQuery({
    queryKey: ['metric-browser', search],
    queryFn: ({ signal }) =>
      request('api/v1/cardinality/metrics', metricsSchema, { signal, params: { search, limit: METRICS } }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function useLabels(match: string, label: string, search: string) {
  return useQuery({
    queryKey: ['metric-labels', match, label, search],
    queryFn: ({ signal }) =>
      request('api/v1/cardinality/labels', labelsSchema, {
        signal,
        params: { 'match[]': match, label, search, limit: VALUES },
      }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function MetricList({ choose }: { readonly choose: (metric: Metric) => void }) {
  const [text, setText] = useState('');
  const search = useDeferredValue(text);
  const { data, error, isPending } = useMetrics(search);
  const metrics = data?.metrics ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: metrics.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  return (
    <>
      <TextInput
        size="xs"
        data-autofocus
        aria-label="Find a metric"
        placeholder="Words of its name or its help"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <p className={styles['quiet']} aria-live="polite">
        {data !== undefined &&
          `${data.matching.toLocaleString('en')} of ${data.total.toLocaleString('en')} metrics${
            data.matching > metrics.length ? `, the ${metrics.length} with most series shown` : ''
          }`}
      </p>
      {error !== null && <ErrorLine what="The metrics" error={error} />}
      {isPending && <Bone height={240} />}
      <div ref={scroller} className={styles['browser']} tabIndex={0} role="region" aria-label="Metrics">
        <ul className={styles['list']} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const metric = metrics[item.index];
            if (metric === undefined) return null;
            return (
              <li
                key={metric.name}
                style={{
                  position: 'absolute',
                  insetInline: 0,
                  transform: `translateY(${item.start}px)`,
                  height: item.size,
                }}
              >
                <button type="button" onClick={() => choose(metric)}>
                  <span className={styles['metricName']}>
                    <span className={`${styles['mono']} ${styles['cut']}`}>{metric.name}</span>
                    <span className={styles['quiet']}>
                      {[metric.type, metric.unit, `${metric.series.toLocaleString('en')} series`]
                        .filter((part) => part !== '' && part !== 'unknown')
                        .join(' · ')}
                    </span>
                  </span>
                  <span className={`${styles['quiet']} ${styles['cut']}`}>{metric.help}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

interface ValuesProps {
  readonly metric: string;
  readonly label: string;
  readonly chosen: Chosen;
  readonly toggle: (value: string) => void;
}

function Values({ metric, label, chosen, toggle }: ValuesProps) {
  const [text, setText] = useState('');
  const search = useDeferredValue(text);
  // What is chosen of other labels narrows this one's values; what is chosen of its own does not.
  const match = selector(metric, { ...chosen, [label]: [] });
  const { data, error } = useLabels(match, label, search);
  const own = chosen[label] ?? [];
  return (
    <div>
      <TextInput
        size="xs"
        aria-label={`Find values of ${label}`}
        placeholder={`Find values of ${label}`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {error !== null && <ErrorLine what="The values" error={error} />}
      <div className={styles['values']} role="group" aria-label={`Values of ${label}`}>
        {(data?.values ?? []).map(({ value, series }) => (
          <Checkbox
            key={value}
            size="xs"
            checked={own.includes(value)}
            onChange={() => toggle(value)}
            label={`${value} (${series.toLocaleString('en')})`}
          />
        ))}
      </div>
      {data !== undefined && data.matching > data.values.length && (
        <p className={styles['quiet']}>
          the {data.values.length} with most series of {data.matching.toLocaleString('en')}
        </p>
      )}
    </div>
  );
}

interface MetricFormProps {
  readonly metric: Metric;
  readonly back: () => void;
  readonly use: (query: string) => void;
}

function MetricForm({ metric, back, use }: MetricFormProps) {
  const [chosen, setChosen] = useState<Chosen>({});
  const [label, setLabel] = useState('');
  const { data, error, isPending } = useLabels(selector(metric.name, chosen), '', '');
  const toggle = (value: string): void =>
    setChosen((current) => {
      const own = current[label] ?? [];
      const next = own.includes(value) ? own.filter((one) => one !== value) : [...own, value];
      return { ...current, [label]: next };
    });
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={back}>
        Other metrics
      </Button>
      <h3 className={styles['mono']}>{metric.name}</h3>
      <p className={styles['quiet']}>
        {metric.help} {data !== undefined && `${data.series.toLocaleString('en')} series match.`}
      </p>
      {error !== null && <ErrorLine what="The labels" error={error} />}
      {isPending && <Bone height={120} />}
      <div className={styles['labels']} role="group" aria-label="Labels">
        {(data?.labels ?? [])
          .filter(({ name }) => name !== '__name__')
          .map(({ name, values }) => (
            <Button
              key={name}
              size="compact-xs"
              variant={label === name ? 'light' : 'default'}
              aria-pressed={label === name}
              onClick={() => setLabel(label === name ? '' : name)}
            >
              {name} ({(chosen[name]?.length ?? 0) > 0 ? `${chosen[name]?.length} of ` : ''}
              {values.toLocaleString('en')})
            </Button>
          ))}
      </div>
      {label !== '' && (
        <Values key={label} metric={metric.name} label={label} chosen={chosen} toggle={toggle} />
      )}
      <ul className={styles['list']} aria-label="Queries">
        {suggestions(metric.name, metric.type, chosen).map(({ label: name, query }) => (
          <li key={name}>
            <button type="button" onClick={() => use(query)}>
              <span>
                {name} <IconArrowRight size={12} aria-hidden />
              </span>
              <span className={styles['mono']}>{query}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

export interface MetricBrowserProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly use: (query: string) => void;
}

/** Finds a metric by its name or help, narrows it by labels with counts, and builds what is usually asked of its kind. */
export function MetricBrowser({ opened, close, use }: MetricBrowserProps) {
  const [metric, setMetric] = useState<Metric | null>(null);
  return (
    <Modal opened={opened} onClose={close} size="xl" title="Metrics">
      {opened &&
        (metric === null ? (
          <MetricList choose={setMetric} />
        ) : (
          <MetricForm key={metric.name} metric={metric} back={() => setMetric(null)} use={use} />
        ))}
    </Modal>
  );
}
