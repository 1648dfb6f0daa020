import { ActionIcon, Button, Tooltip, useMatches } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { formatValue } from '../../../ui/format.ts';
import { IconChevronDown, IconChevronRight, IconMinus, IconPlus, IconZoomOut } from '../../../ui/icons.ts';
import { type Found, parentsFrom, placeOf, rowsWithin, visibleRows } from '../model/rows.ts';
import { type Extent, ticksOf } from '../model/time.ts';
import { chainOf, type Trace } from '../model/trace.ts';
import { serviceColors } from '../service-mark.tsx';
import { Minimap } from './minimap.tsx';
import { NameSplitter, useNameWidth } from './name-splitter.tsx';
import { SpanRow } from './span-row.tsx';
import styles from './trace.module.css';
import { useLevels, useWaterfallKeys } from './waterfall-keys.ts';

const ROW_PX = 24;
const MOST_TICKS = 6;
/** Percent of the time's width that words about 50 pixels long take, on a phone and elsewhere. */
const LABEL_ROOM = { base: 30, sm: 15 };

/** Which rows are collapsed, and how to change that by one level or one row. */
function useCollapsed(trace: Trace) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const set = useCallback(
    (row: number, closed: boolean): void =>
      setCollapsed((previous) => {
        if (previous.has(row) === closed) return previous;
        const next = new Set(previous);
        if (closed) next.add(row);
        else next.delete(row);
        return next;
      }),
    [],
  );
  /** Shows so many levels and no deeper ones. */
  const toLevel = (level: number): void =>
    setCollapsed(level === Number.POSITIVE_INFINITY ? new Set() : parentsFrom(trace, level));
  return { collapsed, set, toLevel };
}

function Axis({ extent }: { readonly extent: Extent }) {
  const span = extent.to - extent.from;
  const room = useMatches(LABEL_ROOM);
  return (
    <div className={styles['axis']} aria-hidden>
      {ticksOf(extent, Math.min(MOST_TICKS, Math.floor(100 / room))).map((tick) => {
        const at = ((tick - extent.from) / span) * 100;
        return (
          <span key={tick} className="num" style={{ left: `${at}%` }}>
            {at <= 100 - room / 2 && formatValue(tick / 1e9, 'seconds')}
          </span>
        );
      })}
    </div>
  );
}

interface ColumnsProps {
  readonly extent: Extent;
  readonly nameWidth: number;
  readonly setNameWidth: (percent: number) => void;
  readonly changeLevel: (by: 1 | -1) => void;
  /** Shows the whole time of the trace; null while it does. */
  readonly showAll: (() => void) | null;
}

/** The head of the waterfall: how many levels stand, and the axis of time. */
function Columns({ extent, nameWidth, setNameWidth, changeLevel, showAll }: ColumnsProps) {
  return (
    <div className={styles['columns']}>
      <div className={styles['levels']}>
        <span>Service and operation</span>
        <Tooltip label="One level less" openDelay={400}>
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label="One level less"
            onClick={() => changeLevel(-1)}
          >
            <IconMinus size={12} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="One level more" openDelay={400}>
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label="One level more"
            onClick={() => changeLevel(1)}
          >
            <IconPlus size={12} />
          </ActionIcon>
        </Tooltip>
      </div>
      <NameSplitter width={nameWidth} set={setNameWidth} />
      <Axis extent={extent} />
      {showAll !== null && (
        <Button
          size="compact-xs"
          variant="default"
          className={styles['whole'] ?? ''}
          leftSection={<IconZoomOut size={12} />}
          onClick={showAll}
        >
          Whole trace
        </Button>
      )}
    </div>
  );
}

/** How many of the spans are here, or shown; nothing when all are. */
function Foot({ trace: { loaded, total }, shown }: { readonly trace: Trace; readonly shown: number }) {
  const all = total.toLocaleString('en');
  return (
    <p className={styles['foot']} role="status">
      {loaded < total
        ? `${loaded.toLocaleString('en')} of ${all} spans are here, the others come…`
        : shown < total
          ? `${shown.toLocaleString('en')} of ${all} spans shown`
          : ''}
    </p>
  );
}

interface WaterfallProps {
  readonly trace: Trace;
  readonly interest: Uint8Array | null;
  readonly found: Found | null;
  /** The row whose detail is open, -1 for none. */
  readonly row: number;
  readonly open: (spanId: string | null) => void;
}

/** The spans of a trace over its time; only those in sight stand in the page, of however many there are. */
export function Waterfall({ trace, interest, found, row, open }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [zoomed, setZoomed] = useState<Extent | null>(null);
  const [cursor, setCursor] = useState(-1);
  const { collapsed, set, toLevel } = useCollapsed(trace);
  const room = useMatches(LABEL_ROOM);
  const [nameWidth, setNameWidth] = useNameWidth();
  const section = useRef<HTMLElement>(null);
  useLayoutEffect(() => section.current?.style.setProperty('--name', `${nameWidth}%`), [nameWidth]);
  const colors = useMemo(() => serviceColors(trace.services), [trace.services, trace.services.length]);
  const rows = useMemo(() => {
    const wanted = zoomed === null ? interest : rowsWithin(trace, zoomed, interest);
    return visibleRows(trace, collapsed, wanted);
  }, [trace, collapsed, interest, zoomed]);
  const extent = useMemo(
    () => zoomed ?? { from: 0, to: Math.max(1, trace.duration) },
    [zoomed, trace.duration],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  // What is opened from elsewhere (a link, a find) is shown, whatever is collapsed above it.
  useEffect(() => {
    if (row < 0) return;
    setCursor(row);
    for (const above of chainOf(trace, row).slice(0, -1)) set(above, false);
  }, [row]);
  const place = placeOf(rows, cursor);
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place);
  }, [place, virtual]);
  const go = (to: number): void => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (next === undefined) return;
    setCursor(next);
    if (row >= 0) open(trace.spanIds[next] ?? null);
  };
  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1);
  const enter = (): void => {
    const id = trace.spanIds[cursor];
    if (id !== undefined) open(cursor === row ? null : id);
  };
  const choose = useCallback(
    (chosen: number): void => {
      setCursor(chosen);
      open(chosen === row ? null : (trace.spanIds[chosen] ?? null));
    },
    [open, row, trace],
  );
  const changeLevel = useLevels(trace, toLevel);
  useWaterfallKeys({
    trace,
    rows,
    cursor,
    collapsed,
    set,
    go,
    enter,
    page,
    changeLevel,
    showAll: () => setZoomed(null),
  });
  return (
    <section ref={section} className={styles['waterfall']} aria-label="Waterfall">
      <Minimap trace={trace} colors={colors} extent={extent} zoom={setZoomed} />
      <Columns
        extent={extent}
        nameWidth={nameWidth}
        setNameWidth={setNameWidth}
        changeLevel={changeLevel}
        showAll={zoomed === null ? null : () => setZoomed(null)}
      />
      <div
        ref={scroller}
        className={styles['scroller']}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        aria-activedescendant={place >= 0 ? `span-${cursor}` : undefined}
        onKeyDown={(event) => {
          // The page's own keys leave Enter to what has the focus.
          if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
          event.preventDefault();
          enter();
        }}
      >
        <div className={styles['rows']} style={{ height: virtual.getTotalSize() }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const at = rows[item.index];
            if (at === undefined) return null;
            return (
              <SpanRow
                key={at}
                trace={trace}
                row={at}
                top={item.start}
                extent={extent}
                color={colors[trace.service[at]] ?? 'var(--ink-3)'}
                room={room}
                collapsed={collapsed.has(at)}
                chosen={at === cursor}
                opened={at === row}
                found={found === null ? null : found.mask[at] === 1}
                toggle={set}
                choose={choose}
                Chevron={collapsed.has(at) ? IconChevronRight : IconChevronDown}
              />
            );
          })}
        </div>
      </div>
      <Foot trace={trace} shown={rows.length} />
    </section>
  );
}
