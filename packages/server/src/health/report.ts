import type { Reason, SourceVerdict } from './verdict.ts';

/** A pushed report; `down` counts as unhealthy. */
export interface Report {
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'down';
  readonly at: number;
}

/** A pushed report older than this says nothing any more. */
export const REPORT_EXPIRY_MS = 90_000;

export function judgeReport(report: Report, now: number): SourceVerdict {
  const age = now - report.at;
  if (age > REPORT_EXPIRY_MS) {
    const message = `the last pushed report ("${report.status}") is ${Math.round(age / 1000)} s old; reports count for ${REPORT_EXPIRY_MS / 1000} s`;
    return {
      kind: 'report',
      status: 'unknown',
      failing: false,
      at: report.at,
      reasons: [{ source: 'report', severity: 'info', message }],
    };
  }
  const status = report.status === 'down' ? 'unhealthy' : report.status;
  const reasons: Reason[] =
    status === 'healthy'
      ? []
      : [
          {
            source: 'report',
            severity: status === 'unhealthy' ? 'critical' : 'warning',
            message: `it reported itself ${report.status}`,
          },
        ];
  return { kind: 'report', status, failing: status === 'unhealthy', at: report.at, reasons };
}
