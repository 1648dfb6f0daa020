import styles from './ui.module.css';

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly color: string;
  readonly width?: number;
  readonly height?: number;
  /** The top of the scale when the data stays below it, so that noise near zero looks like nothing. */
  readonly floor?: number;
}

/** Path data of a line with its gaps left open, and of the area under it. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number, floor: number) {
  const top = values.reduce<number>((most, value) => Math.max(most, value ?? 0), floor) || 1;
  const dx = values.length > 1 ? width / (values.length - 1) : 0;
  const runs: string[][] = [];
  let run: string[] | null = null;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      run = null;
      return;
    }
    if (run === null) {
      run = [];
      runs.push(run);
    }
    run.push(
      `${(index * dx).toFixed(1)},${(height - 1 - (Math.max(0, value) / top) * (height - 2)).toFixed(1)}`,
    );
  });
  return {
    line: runs.map((points) => `M${points.join('L')}${points.length === 1 ? 'h0.1' : ''}`).join(''),
    area: runs
      .filter((points) => points.length > 1)
      .map((points) => {
        const left = points[0]?.split(',')[0] ?? '0';
        const right = points.at(-1)?.split(',')[0] ?? '0';
        return `M${left},${height}L${points.join('L')}L${right},${height}Z`;
      })
      .join(''),
  };
}

/** The trend beside a figure. Decoration for the figure it stands with, so hidden from screen readers. */
export function Sparkline({ values, color, width = 96, height = 24, floor = 0 }: SparklineProps) {
  const { line, area } = sparkPath(values, width, height, floor);
  return (
    <svg
      className={styles['spark']}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      <path className={styles['sparkArea']} d={area} fill={color} />
      <path
        d={line}
        fill="none"
        stroke={color}
        strokeWidth={1.5}
        strokeLinejoin="round"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
