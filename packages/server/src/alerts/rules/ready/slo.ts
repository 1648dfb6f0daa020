import { TRAFFIC } from '../../../kernel/traffic.ts';
import type { ReadyGroup } from './ready-group.ts';

const OBJECTIVE = 0.999;
const failing = (window: string): string =>
  `sum by (service, job) (rate(http_requests_total{${TRAFFIC},status=~"5.."}[${window}])) / sum by (service, job) (rate(http_requests_total{${TRAFFIC}}[${window}]))`;

/**
 * Both windows burn the budget so many times too fast: the long one says that it matters, the short one that it still goes on. After
 * "Alerting on SLOs" of Google's Site Reliability Workbook.
 */
const burning = (times: number, long: string, short: string, failures: number): string => {
  const limit = Number((times * (1 - OBJECTIVE)).toFixed(6));
  const counted = `sum by (service, job) (increase(http_requests_total{${TRAFFIC},status=~"5.."}[${long}])) >= ${failures}`;
  return `${failing(long)} > ${limit} and ${failing(short)} > ${limit} and ${counted}`;
};

const RUNBOOK: ReadyGroup['runbook'] = {
  title: 'An error budget burns',
  means:
    'With an objective of 99.9 % one request in a thousand may fail. At the present pace the budget of thirty days is used up in a few days.',
  look: [
    'Since when: the curve of failing requests of the service.',
    'The page on failing requests, for what fails.',
  ],
  act: ['As for failing requests. When it is a known, accepted fault, say so in a silence with an end.'],
  tune: 'Services with another objective want rules of their own; leave these out.',
};

export const slo: ReadyGroup = {
  interval: '1m',
  alerts: [
    {
      alert: 'ErrorBudgetBurn',
      severity: 'critical',
      expr: burning(14.4, '1h', '5m', 20),
      for: '2m',
      summary: '{{ or $labels.service $labels.job }} burns a month of error budget in two days',
      description:
        '{{ $value | humanizePercentage }} of the requests of the last hour failed, and it goes on; 0.1 % may.',
    },
  ],
  runbook: RUNBOOK,
};

export const sloSlow: ReadyGroup = {
  interval: '5m',
  alerts: [
    {
      alert: 'ErrorBudgetBurnSlow',
      severity: 'warning',
      expr: burning(6, '6h', '30m', 50),
      for: '15m',
      summary: '{{ or $labels.service $labels.job }} burns a month of error budget in five days',
      description:
        '{{ $value | humanizePercentage }} of the requests of the last six hours failed, and it goes on; 0.1 % may.',
    },
  ],
  runbook: RUNBOOK,
};
