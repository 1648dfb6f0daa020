import { cut, deviationWords } from '../words.ts';
import { DEPLOYMENT_REACH_MS, type Facts } from './facts.ts';

/** One thing that happened. */
export interface Happening {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: 'state' | 'breaker' | 'error' | 'deviation' | 'deployment';
  readonly service: string;
  readonly message: string;
}

const MOST = 100;

/** What happened in the window and just before it, the oldest first; the newest hundred. */
export function timelineOf(facts: Facts): readonly Happening[] {
  const states = facts.incidents.flatMap(({ services }) =>
    services.flatMap(({ service, steps }) =>
      steps
        .filter(({ at }) => at >= facts.from)
        .map(
          ({ at, status, reason }): Happening => ({
            at,
            kind: 'state',
            service,
            message: `${service} ${status}${reason === '' ? '' : `: ${reason}`}`,
          }),
        ),
    ),
  );
  const breakers = facts.opened.map(
    ({ at, service, name, upstream }): Happening => ({
      at,
      kind: 'breaker',
      service,
      message: `the breaker ${name} before ${upstream} opened`,
    }),
  );
  const errors = facts.errors.flatMap(({ at, service, why, name, message }): Happening[] =>
    at === null
      ? []
      : [
          {
            at,
            kind: 'error',
            service,
            message: `${why}: ${name}${message === '' ? '' : `: ${cut(message, 160)}`}`,
          },
        ],
  );
  const deviations = facts.deviations.map(
    (one): Happening => ({
      at: one.from,
      kind: 'deviation',
      service: one.service,
      message: deviationWords(one),
    }),
  );
  const deployments = facts.deployments
    .filter(({ time }) => time >= facts.from - DEPLOYMENT_REACH_MS)
    .map(
      ({ time, service, title }): Happening => ({
        at: time,
        kind: 'deployment',
        service: service ?? '',
        message: title,
      }),
    );
  return [...states, ...breakers, ...errors, ...deviations, ...deployments]
    .sort((a, b) => a.at - b.at)
    .slice(-MOST);
}
