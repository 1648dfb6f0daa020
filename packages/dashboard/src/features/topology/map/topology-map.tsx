import { ActionIcon, Tooltip } from '@mantine/core';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { IconMaximize, IconMinus, IconPlus } from '../../../ui/icons.ts';
import { callKey, type Layout, labelPlaces, layoutOf, type Sizes } from '../layout/layout.ts';
import type { MapCall, MapModel } from '../model.ts';
import styles from '../topology.module.css';
import { ArrowHeads, CallLabel, CallLine } from './call-line.tsx';
import { NodeBox } from './node-box.tsx';
import { useView } from './use-view.ts';
import { isArrow, nextOf } from './walk.ts';

const WIDE: Sizes = { width: 176, height: 52, gapX: 136, gapY: 30 };
/** A small map has room for its calls to part. */
const ROOMY: Sizes = { ...WIDE, gapY: 64 };
const ROOMY_UP_TO = 16;
const COMPACT: Sizes = { width: 156, height: 28, gapX: 72, gapXMost: 480, gapY: 8 };
/** From so many nodes on a box is its name and state alone. */
const COMPACT_FROM = 40;
/** With more calls than this only those that fail, or are pointed at, are labelled. */
const MOST_LABELS = 30;

export interface Chosen {
  readonly node?: string | undefined;
  readonly call?: readonly [source: string, target: string] | undefined;
}

export interface TopologyMapProps {
  readonly model: MapModel;
  readonly chosen: Chosen;
  readonly choose: (what: Chosen) => void;
}

/** The structure alone: while it stays the same, so does the layout, whatever the figures do. */
function structureOf({ nodes, calls }: MapModel): string {
  return JSON.stringify([nodes.map(({ id }) => id).toSorted(), calls.map(callKey).toSorted()]);
}

function useLayout(model: MapModel) {
  const structure = structureOf(model);
  const compact = model.nodes.length > COMPACT_FROM;
  const layout = useMemo(
    () =>
      layoutOf(
        model.nodes.map(({ id }) => id),
        model.calls,
        compact ? COMPACT : model.nodes.length <= ROOMY_UP_TO ? ROOMY : WIDE,
      ),
    [structure],
  );
  return { layout, compact };
}

function labelOf(call: MapCall, { routes }: Layout) {
  const points = routes.get(callKey(call));
  return points === undefined ? [] : [{ key: callKey(call), points }];
}

/** Nodes next to one, itself too; null when nothing is pointed at. */
function nearTo(pointed: Chosen | null, calls: readonly MapCall[]): ReadonlySet<string> | null {
  if (pointed?.call !== undefined) return new Set(pointed.call);
  const { node } = pointed ?? {};
  if (node === undefined) return null;
  return new Set([
    node,
    ...calls.flatMap(({ source, target }) => (source === node || target === node ? [source, target] : [])),
  ]);
}

function isOf({ source, target }: MapCall, { node, call }: Chosen): boolean {
  if (call !== undefined) return call[0] === source && call[1] === target;
  return node !== undefined && (source === node || target === node);
}

/** The map: callers left, whom they call right of them. Arrow keys walk along the calls. */
export function TopologyMap({ model, chosen, choose }: TopologyMapProps) {
  const host = useRef<HTMLDivElement>(null);
  const { layout, compact } = useLayout(model);
  const { view, fit, zoomIn, zoomOut, show, handlers } = useView(host, layout);
  const [pointed, setPointed] = useState<Chosen | null>(null);
  const near = nearTo(pointed, model.calls);
  const focus = (id: string): void =>
    host.current?.querySelector<HTMLElement>(`[data-node=${CSS.escape(id)}]`)?.focus({ preventScroll: true });
  const walk = (id: string) => (event: KeyboardEvent<HTMLButtonElement>) => {
    if (!isArrow(event.key)) return;
    event.preventDefault();
    const next = nextOf(id, event.key, layout, model.calls);
    const box = next === null ? undefined : layout.boxes.get(next);
    if (next === null || box === undefined) return;
    show(box);
    focus(next);
  };
  const chosenBox = chosen.node === undefined ? undefined : layout.boxes.get(chosen.node);
  useEffect(() => {
    if (chosenBox !== undefined) show(chosenBox);
    // Brought into sight when it is chosen, and not held there.
  }, [chosen.node]);
  useHotkeys([
    { keys: '+', label: 'Larger', group: 'Page', run: zoomIn },
    { keys: '-', label: 'Smaller', group: 'Page', run: zoomOut },
    { keys: '0', label: 'The whole map', group: 'Page', run: fit },
  ]);
  const few = model.calls.length <= MOST_LABELS;
  const labelled = model.calls.filter(
    (call) =>
      few ||
      isOf(call, chosen) ||
      (pointed !== null && isOf(call, pointed)) ||
      (!compact && call.figures.errors > 0),
  );
  const labels = labelPlaces(labelled.flatMap((call) => labelOf(call, layout)));
  return (
    <div className={styles['mapFrame']}>
      <div
        ref={host}
        className={styles['map']}
        role="group"
        aria-label={`Map of ${model.nodes.length} nodes and ${model.calls.length} calls; arrow keys walk along them, the table says the same`}
        {...handlers}
      >
        <div
          className={styles['world']}
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        >
          <svg width={layout.width} height={layout.height} className={styles['lines']} aria-hidden>
            <ArrowHeads />
            {model.calls.map((call) => {
              const points = layout.routes.get(callKey(call));
              if (points === undefined) return null;
              const what: Chosen = { call: [call.source, call.target] };
              return (
                <CallLine
                  key={callKey(call)}
                  call={call}
                  points={points}
                  chosen={isOf(call, chosen)}
                  faint={pointed !== null && !isOf(call, pointed)}
                  choose={() => choose(what)}
                  point={(on) => setPointed(on ? what : null)}
                />
              );
            })}
          </svg>
          {labelled.map((call) => {
            const at = labels.get(callKey(call));
            if (at === undefined) return null;
            const faint = pointed !== null && !isOf(call, pointed);
            return <CallLabel key={callKey(call)} call={call} at={at} faint={faint} />;
          })}
          {model.nodes.map((node) => {
            const box = layout.boxes.get(node.id);
            if (box === undefined) return null;
            return (
              <NodeBox
                key={node.id}
                node={node}
                box={box}
                compact={compact}
                chosen={chosen.node === node.id}
                faint={near !== null && !near.has(node.id)}
                choose={() => choose({ node: node.id })}
                point={(on) => setPointed(on ? { node: node.id } : null)}
                onKeyDown={walk(node.id)}
              />
            );
          })}
        </div>
      </div>
      <p className={styles['legend']}>
        In a box: calls to it, share that failed, p95. On a line: calls, and p95 or the share that failed.
        Drag to move, Ctrl and the wheel to zoom.
      </p>
      <div className={styles['zoom']}>
        {(
          [
            ['Larger', IconPlus, zoomIn],
            ['Smaller', IconMinus, zoomOut],
            ['The whole map', IconMaximize, fit],
          ] as const
        ).map(([label, Icon, run]) => (
          <Tooltip key={label} label={label} openDelay={300} position="left">
            <ActionIcon variant="default" size="md" aria-label={label} onClick={run}>
              <Icon size={14} />
            </ActionIcon>
          </Tooltip>
        ))}
      </div>
    </div>
  );
}
