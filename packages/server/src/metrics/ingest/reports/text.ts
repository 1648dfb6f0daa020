import { REPORTED_FAMILIES, type ReportedFamily, type ReportedMetrics } from './reported.ts';

/** Prometheus text 0.0.4 of reported series, with their own labels only: who scrapes adds `job` and `instance`. */
export function exposeReported(reported: ReportedMetrics): string {
  const lines: string[] = [];
  let family: ReportedFamily | null = null;
  for (const series of reported.series()) {
    if (series.family !== family) {
      family = series.family;
      const { type, help } = REPORTED_FAMILIES[family];
      lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`);
    }
    const inner = series.labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
    lines.push(`${series.name}${inner === '' ? '' : `{${inner}}`} ${valueText(series.value)}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
