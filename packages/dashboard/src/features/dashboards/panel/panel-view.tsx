import { ActionIcon, Menu, TextInput, Tooltip } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FunctionComponent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { TimeRange } from '../../../time/range.ts';
import type { Marker } from '../../../ui/chart/plot.ts';
import type { Exemplar } from '../../../ui/exemplars/exemplars.ts';
import { useExemplars } from '../../../ui/exemplars/use-exemplars.ts';
import type { Zone } from '../../../ui/format.ts';
import { IconAlertTriangle, IconDots, IconSearch } from '../../../ui/icons.ts';
import { type Inspected, QueryInspector } from '../../../ui/inspector/query-inspector.tsx';
import { Bone } from '../../../ui/states.tsx';
import { type Asked, type PanelData, SERIES_LIMITS, usePanelData } from '../asking/use-panel-data.ts';
import { hasData, type Panel, type PanelType } from '../model.ts';
import { fillText, fillUrl, type Values } from '../vars/interpolate.ts';
import { Heatmap, StateTimeline } from '../viz/canvas.tsx';
import { Bars, Gauge, Stat } from '../viz/figures.tsx';
import type { VizProps } from '../viz/props.ts';
import { TableView } from '../viz/table.tsx';
import { TextView, UnsupportedView } from '../viz/text.tsx';
import { TimeSeries } from '../viz/timeseries.tsx';
import { download, panelCsv, panelPng } from './export.ts';
import styles from './panel.module.css';

export interface PanelAction {
  readonly label: string;
  readonly run: () => void;
}

export interface PanelViewProps {
  readonly panel: Panel;
  readonly values: Values;
  readonly ready: boolean;
  readonly range: TimeRange;
  readonly zone: Zone;
  readonly refresh: string;
  readonly markers: readonly Marker[];
  readonly actions: readonly PanelAction[];
  /** Stands before the title: the handle that moves the panel. */
  readonly handle?: ReactNode;
}

const VIEWS: Readonly<Partial<Record<PanelType, FunctionComponent<VizProps>>>> = {
  timeseries: TimeSeries,
  stat: Stat,
  gauge: Gauge,
  bar: Bars,
  table: TableView,
  heatmap: Heatmap,
  statetimeline: StateTimeline,
};

/** The size of an element's inside, and whether it was ever near the screen. */
function useBox() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    const sight = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting === true), {
      rootMargin: '200px',
    });
    measure.observe(element);
    sight.observe(element);
    return () => {
      measure.disconnect();
      sight.disconnect();
    };
  }, []);
  return { ref, size, near };
}

/** One panel: its title, what it shows, and what can be done with it. It asks only while it is near the screen. */
export function PanelView(props: PanelViewProps) {
  const { panel, values, range, refresh, zone, markers } = props;
  const { ref, size, near } = useBox();
  const [search, setSearch] = useState('');
  const data = usePanelData({
    panel,
    values,
    range,
    refresh,
    width: size.width,
    search,
    enabled: props.ready && near && size.width > 0,
  });
  const exemplars = useExemplars(
    data.asked.filter((query) => query.exemplars).map(({ expr }) => expr),
    range,
    props.ready && near && panel.type === 'timeseries',
  );
  const [inspected, setInspected] = useState<Inspected | null>(null);
  const title = fillText(panel.title, values);
  const capped = data.total > SERIES_LIMITS[panel.type] || search !== '';
  const problem =
    data.error !== null && data.frames.length > 0 ? data.error.message : data.warnings.join(' ');
  return (
    <section className={styles['panel']} aria-label={title || 'Panel'}>
      <header className={styles['head']}>
        {props.handle}
        <h3 title={title}>{title}</h3>
        {panel.description !== '' && (
          <Tooltip label={fillText(panel.description, values)} multiline maw={360}>
            <button
              type="button"
              className={styles['about']}
              aria-label={`About ${title}: ${panel.description}`}
            >
              i
            </button>
          </Tooltip>
        )}
        {(panel.timeFrom !== '' || panel.timeShift !== '') && (
          <span className={styles['note']}>
            {panel.timeFrom === '' ? '' : `last ${panel.timeFrom}`}{' '}
            {panel.timeShift === '' ? '' : `${panel.timeShift} earlier`}
          </span>
        )}
        {problem !== '' && (
          <Tooltip label={problem} multiline maw={360}>
            <span className={styles['warn']} role="img" aria-label={`Warning: ${problem}`}>
              <IconAlertTriangle size={14} />
            </span>
          </Tooltip>
        )}
        <Actions
          {...props}
          data={data}
          title={title}
          bodyOf={() => ref.current}
          onInspect={(query) => setInspected(inspectedOf(title, query, data))}
        />
      </header>
      {capped && (
        <div className={styles['capped']}>
          <span>
            {data.total > SERIES_LIMITS[panel.type]
              ? `top ${SERIES_LIMITS[panel.type]} of ${data.total.toLocaleString('en')} by last value`
              : `${data.total} match`}
          </span>
          <TextInput
            size="xs"
            placeholder="Find series"
            aria-label={`Find series in ${title}`}
            leftSection={<IconSearch size={12} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        </div>
      )}
      <div ref={ref} className={styles['body']}>
        <Body
          panel={panel}
          data={data}
          {...{ values, zone, markers, size, search }}
          exemplars={exemplars.dots}
          ready={props.ready}
        />
      </div>
      <QueryInspector inspected={inspected} close={() => setInspected(null)} />
    </section>
  );
}

function inspectedOf(title: string, { ref, expr, instant }: Asked, { from, to, step }: PanelData): Inspected {
  const shown = { title: `${title || 'Panel'}, query ${ref}`, query: expr };
  if (instant) return { ...shown, start: to / 1000, end: to / 1000, step: 0 };
  const grid = Math.max(1, step);
  return {
    ...shown,
    start: Math.ceil(from / 1000 / grid) * grid,
    end: Math.floor(to / 1000 / grid) * grid,
    step: grid,
  };
}

interface BodyProps {
  readonly panel: Panel;
  readonly data: PanelData;
  readonly values: Values;
  readonly zone: Zone;
  readonly markers: readonly Marker[];
  readonly exemplars: readonly Exemplar[];
  readonly size: { readonly width: number; readonly height: number };
  readonly search: string;
  readonly ready: boolean;
}

function Body({ panel, data, values, zone, markers, exemplars, size, search, ready }: BodyProps) {
  if (panel.type === 'text') return <TextView panel={panel} values={values} />;
  if (panel.type === 'unsupported') return <UnsupportedView panel={panel} />;
  const View = VIEWS[panel.type];
  if (View === undefined || size.width === 0) return null;
  if (data.error !== null && data.frames.length === 0)
    return (
      <div className={styles['message']} role="alert">
        <IconAlertTriangle size={16} aria-hidden />
        <span>{data.error.message}</span>
      </div>
    );
  if (data.loading || !ready)
    return (
      <div className={styles['bone']}>
        <Bone height="100%" />
      </div>
    );
  if (data.frames.every(({ names }) => names.length === 0))
    return <div className={styles['message']}>{emptyWords(panel, data, search)}</div>;
  return (
    <View {...{ panel, data, values, zone, markers, exemplars }} width={size.width} height={size.height} />
  );
}

function emptyWords(panel: Panel, data: PanelData, search: string): string {
  if (search !== '') return `No series matches “${search}”`;
  if (data.skipped.length > 0) return 'Its queries ask for logs, traces or SQL, which panels cannot show yet';
  return panel.queries.some(({ expr }) => expr.trim() !== '')
    ? 'No data in this time range'
    : 'No query yet: edit the panel to write one';
}

function Actions({
  panel,
  values,
  actions,
  data,
  title,
  bodyOf,
  onInspect,
}: PanelViewProps & {
  readonly data: PanelData;
  readonly title: string;
  readonly bodyOf: () => HTMLElement | null;
  readonly onInspect: (query: Asked) => void;
}) {
  const navigate = useNavigate();
  const links = panel.links.flatMap(({ title: words, url, newTab }) => {
    const href = fillUrl(url, values);
    return href === null ? [] : [{ words: fillText(words, values) || href, href, newTab }];
  });
  const exports: readonly PanelAction[] =
    hasData(panel) && data.frames.length > 0
      ? [
          {
            label: 'Download as CSV',
            run: () =>
              download(
                `${title || 'panel'}.csv`,
                new Blob([panelCsv(panel, data, values)], { type: 'text/csv' }),
              ),
          },
          {
            label: 'Download as PNG',
            run: () => {
              const body = bodyOf();
              if (body !== null)
                void panelPng(panel, data, values, body).then(
                  (blob) => blob !== null && download(`${title || 'panel'}.png`, blob),
                );
            },
          },
        ]
      : [];
  const asked = data.asked.map(
    (query): PanelAction => ({
      label: data.asked.length === 1 ? 'Inspect the query' : `Inspect query ${query.ref}`,
      run: () => onInspect(query),
    }),
  );
  const looks: readonly PanelAction[] =
    data.asked.length === 0
      ? []
      : [
          {
            label: 'Open in the explorer',
            run: () =>
              void navigate({
                to: '/explore',
                search: ({ range, from, to, tz }) => ({
                  range,
                  from,
                  to,
                  tz,
                  q: data.asked.map(({ expr }) => expr),
                }),
              }),
          },
        ];
  const all = [...actions, ...looks, ...asked, ...exports];
  if (all.length + links.length === 0) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          className={styles['menu'] ?? ''}
          variant="subtle"
          color="gray"
          size={24}
          aria-label={`Actions of ${title || 'the panel'}`}
        >
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {all.map(({ label, run }) => (
          <Menu.Item key={label} onClick={run}>
            {label}
          </Menu.Item>
        ))}
        {links.map(({ words, href, newTab }) => (
          <Menu.Item
            key={href}
            component="a"
            href={href}
            {...(newTab ? { target: '_blank', rel: 'noreferrer' } : {})}
          >
            {words}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
