import { useMemo } from 'react';
import { colorSlots } from '../../../ui/chart/colors.ts';
import { cssOf, DEFAULT_THRESHOLDS, valueColor } from '../field/colors.ts';
import { reduce } from '../field/reduce.ts';
import { show } from '../field/settings.ts';
import { type FigureView, figuresOf, type VizProps } from './props.ts';
import styles from './viz.module.css';

function useFigures({ panel, data, values }: VizProps): readonly {
  readonly figure: FigureView;
  readonly color: string;
  readonly text: string;
  readonly unit: string;
}[] {
  const figures = useMemo(() => figuresOf(panel, data, values), [panel, data.frames, values]);
  const slots = colorSlots(figures.map(({ name }) => name));
  return figures.map((figure, index) => {
    const shown =
      figure.word === null
        ? show(figure.settings, figure.value)
        : { value: figure.word, unit: '', color: undefined };
    return {
      figure,
      color: shown.color ?? valueColor(figure.settings, figure.value, slots[index] ?? 0, endsOf(figure)),
      text: shown.value,
      unit: shown.unit,
    };
  });
}

function endsOf({ settings, trend }: FigureView): readonly [number, number] {
  return [
    settings.min ?? Math.min(0, reduce('min', trend) ?? 0),
    settings.max ?? reduce('max', trend) ?? 100,
  ];
}

/** The path of a small curve over a box of 100 by 100; gaps stay gaps. */
function spark(values: Float64Array): string {
  const low = reduce('min', values);
  const high = reduce('max', values);
  if (low === null || high === null || values.length < 3) return '';
  const step = Math.max(1, Math.floor(values.length / 120));
  const points: string[] = [];
  let down = false;
  for (let index = 0; index < values.length; index += step) {
    const value = values[index];
    const drawn = value !== undefined && Number.isFinite(value);
    if (drawn) {
      const y = high === low ? 50 : 100 - ((value - low) / (high - low)) * 100;
      points.push(`${down ? 'L' : 'M'}${((index / (values.length - 1)) * 100).toFixed(1)} ${y.toFixed(1)}`);
    }
    down = drawn;
  }
  return points.join(' ');
}

/** Share of a figure's room above its curve. */
const TREND_ABOVE = 0.66;
/** Widths of a bold digit and of a letter of the unit, as shares of the figure's size. */
const DIGIT_WIDTH = 0.62;
const UNIT_WIDTH = 0.33;

/** The largest size at which a figure and its unit stand in one line. */
function fitting(text: string, unit: string, width: number, height: number): number {
  const wide = Math.max(2, text.length * DIGIT_WIDTH + unit.length * UNIT_WIDTH);
  return Math.min(40, height, width / wide);
}

/** A figure for each series; several share the room. */
export function Stat(props: VizProps) {
  const figures = useFigures(props);
  const { panel, width, height } = props;
  const mode = panel.options['color'];
  const names =
    panel.options['text'] === 'value+name' || (panel.options['text'] !== 'value' && figures.length > 1);
  const horizontal = panel.options['orientation'] !== 'vertical' && width > height;
  const columns = horizontal
    ? Math.min(figures.length, Math.max(1, Math.floor(width / 110)))
    : Math.max(1, Math.ceil(figures.length / Math.max(1, Math.floor(height / 44))));
  const rows = Math.max(1, Math.ceil(figures.length / columns));
  return (
    <ul
      className={styles['stats']}
      style={{ gridTemplateColumns: `repeat(${Math.max(1, columns)}, minmax(0, 1fr))` }}
    >
      {figures.map(({ figure, color, text, unit }) => {
        const trend = panel.options['graph'] === 'area' ? spark(figure.trend) : '';
        const room = trend === '' ? height / rows : (height / rows) * TREND_ABOVE;
        const size = Math.max(13, fitting(text, unit, width / columns - 32, room * 0.6));
        return (
          <li
            key={figure.name}
            className={styles['stat']}
            style={{
              ...(trend === '' ? {} : { paddingBottom: (height / rows) * (1 - TREND_ABOVE) }),
              ...(mode === 'background'
                ? {
                    background: `color-mix(in srgb, ${color} 22%, var(--surface))`,
                    borderLeft: `3px solid ${color}`,
                  }
                : {}),
            }}
          >
            {trend !== '' && (
              <svg
                className={styles['trend']}
                viewBox="0 0 100 100"
                preserveAspectRatio="none"
                aria-hidden
                style={{ color }}
              >
                <path
                  d={trend}
                  fill="none"
                  stroke="currentColor"
                  strokeWidth="1.5"
                  vectorEffect="non-scaling-stroke"
                />
              </svg>
            )}
            {names && <span className={styles['statName']}>{figure.name}</span>}
            {panel.options['text'] === 'name' ? (
              <span className={styles['statName']}>{figure.name}</span>
            ) : (
              <span
                className={`${styles['statValue']} num`}
                style={{
                  fontSize: size,
                  color: mode === 'none' || mode === 'background' ? 'var(--ink)' : ink(color),
                }}
              >
                {text}
                {unit !== '' && <small>{unit}</small>}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Colours of a dashboard's own are pulled towards the ink, so that text keeps its contrast in both themes. */
function ink(color: string): string {
  return color.startsWith('var(') ? color : `color-mix(in srgb, ${color} 62%, var(--ink))`;
}

const ARC = 240;

function point(share: number, radius: number): string {
  const angle = ((-90 - ARC / 2 + share * ARC) * Math.PI) / 180;
  return `${(50 + radius * Math.cos(angle)).toFixed(2)} ${(52 + radius * Math.sin(angle)).toFixed(2)}`;
}

function arc(from: number, to: number, radius: number): string {
  return `M ${point(from, radius)} A ${radius} ${radius} 0 ${(to - from) * ARC > 180 ? 1 : 0} 1 ${point(to, radius)}`;
}

/** A dial for each series, its thresholds along the rim. */
export function Gauge(props: VizProps) {
  const figures = useFigures(props);
  const columns = Math.max(1, Math.min(figures.length, Math.floor(props.width / 110) || 1));
  return (
    <ul className={styles['gauges']} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {figures.map(({ figure, color, text, unit }) => {
        const low = figure.settings.min ?? 0;
        const high = figure.settings.max ?? 100;
        const share =
          figure.value === null ? 0 : Math.min(1, Math.max(0, (figure.value - low) / (high - low || 1)));
        const { mode, steps } = figure.settings.thresholds ?? DEFAULT_THRESHOLDS;
        const place = (value: number | null): number =>
          value === null
            ? 0
            : Math.min(
                1,
                Math.max(0, mode === 'percentage' ? value / 100 : (value - low) / (high - low || 1)),
              );
        return (
          <li key={figure.name} className={styles['gauge']}>
            <svg viewBox="0 0 100 84" role="img" aria-label={`${figure.name}: ${text} ${unit}`}>
              <path d={arc(0, 1, 36)} className={styles['rim']} />
              {share > 0 && (
                <path d={arc(0, share, 36)} className={styles['needle']} style={{ stroke: color }} />
              )}
              {steps.map((step, index) => {
                const [from, to] = [place(step.value), place(steps[index + 1]?.value ?? null) || 1];
                return to > from ? (
                  <path
                    key={index}
                    d={arc(from, to, 44)}
                    className={styles['mark']}
                    style={{ stroke: cssOf(step.color) }}
                  />
                ) : null;
              })}
              <text
                x="50"
                y="58"
                textAnchor="middle"
                className={styles['dialText']}
                style={{ fill: 'var(--ink)', fontSize: fitting(text, `  ${unit}`, 50, 15) }}
              >
                {text}
                {unit !== '' && <tspan className={styles['dialUnit']}> {unit}</tspan>}
              </text>
            </svg>
            {figures.length > 1 && <span className={styles['statName']}>{figure.name}</span>}
          </li>
        );
      })}
    </ul>
  );
}

/** A bar for each series, as long as its value. */
export function Bars(props: VizProps) {
  const figures = useFigures(props);
  const largest = Math.max(
    ...figures.map(({ figure }) => figure.settings.max ?? figure.value ?? 0),
    Number.MIN_VALUE,
  );
  return (
    <ul className={styles['bars']} tabIndex={0} aria-label={`${props.panel.title || 'Bars'}`}>
      {figures.map(({ figure, color, text, unit }) => {
        const low = figure.settings.min ?? 0;
        const share =
          figure.value === null ? 0 : Math.min(1, Math.max(0, (figure.value - low) / (largest - low || 1)));
        return (
          <li key={figure.name}>
            <span className={styles['barName']} title={figure.name}>
              {figure.name}
            </span>
            <span className={styles['barTrack']}>
              <span style={{ width: `${share * 100}%`, background: color }} />
            </span>
            <span className={`${styles['barValue']} num`}>
              {text} {unit}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
