import { familyHead, sampleLine } from '../exposition/render.ts';
import { REPORTED_FAMILIES, type ReportedFamily, type ReportedMetrics } from './reported.ts';

/** Prometheus text 0.0.4 of reported series, with their own labels only: who scrapes adds `job` and `instance`. */
export function exposeReported(reported: ReportedMetrics): string {
  let text = '';
  let family: ReportedFamily | null = null;
  for (const series of reported.series()) {
    if (series.family !== family) {
      family = series.family;
      text += familyHead(family, REPORTED_FAMILIES[family]);
    }
    text += sampleLine(series.name, series.labels, series.value);
  }
  return text;
}
