import type { ReadyGroup } from './ready-group.ts';

const growing = (series: string, least: number): string =>
  `${series} > ${least} and ${series} > 1.5 * (${series} offset 30m) and deriv(${series}[30m]) > 0`;

export const queues: ReadyGroup = {
  alerts: [
    {
      alert: 'QueueGrowing',
      severity: 'warning',
      expr: [
        'rabbitmq_queue_messages',
        'kafka_consumergroup_lag',
        'bullmq_job_count{state="waiting"}',
        'queue_depth',
      ]
        .map((series) => `(${growing(series, 100)})`)
        .join(' or '),
      for: '15m',
      summary:
        'The queue {{ or $labels.queue $labels.topic $labels.name }} has grown to {{ $value | printf "%.0f" }}',
      description:
        'It is half as long again as half an hour ago and goes on growing: it is filled faster than it is emptied.',
    },
  ],
  runbook: {
    title: 'A queue grows',
    means:
      'More is put into it than is taken out. It will not recover by itself unless the one or the other changes.',
    look: [
      'Whether its consumers run, fail or wait for something.',
      'Whether its producers send more than usual.',
    ],
    act: ['Bring the consumers back, or add some.', 'Slow the producers down when the queue has a limit.'],
    tune: 'Queues with another name want the same expression over their own metric.',
  },
};
