import type { Status } from '../../api/contracts.ts';
import { formatDuration } from '../../ui/format.ts';
import type { Action, Breaker, Given, Instance, State } from './contracts.ts';

export const WORD: Readonly<Record<State, string>> = {
  OPEN: 'open',
  HALF_OPEN: 'half-open',
  CLOSED: 'closed',
};
export const LOOK: Readonly<Record<State, Status>> = {
  OPEN: 'unhealthy',
  HALF_OPEN: 'degraded',
  CLOSED: 'healthy',
};
export const STATES: readonly State[] = ['OPEN', 'HALF_OPEN', 'CLOSED'];

export const ACTION_WORD: Readonly<Record<Action, string>> = {
  reset: 'Reset',
  force_open: 'Hold open',
  force_closed: 'Hold closed',
  release: 'Release',
};

/** What each action does, for those who are about to take it. */
const ACTION_MEANS: Readonly<Record<Action, string>> = {
  reset: 'closes the breaker with fresh counts and ends a hold',
  force_open: 'lets no call through: callers get their fallback or an error at once',
  force_closed: 'lets every call through, whatever fails: a dead upstream will be waited for',
  release: 'ends a hold: what was held open tries the upstream with probes',
};

export const REASON_WORD: Readonly<Record<string, string>> = {
  tripped: 'too many failures',
  timeout_passed: 'its time was over, probes may pass',
  probe_failed: 'a probe failed',
  probes_succeeded: 'the probes succeeded',
  reset: 'reset',
  forced: 'held by command',
  released: 'released',
  force_expired: 'the hold ended',
};

export interface BreakersSearch {
  readonly q?: string | undefined;
  readonly is?: State | undefined;
  /** Instances: every breaker on every instance, in place of one row per breaker. */
  readonly by?: 'instance' | undefined;
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateBreakersSearch(search: Readonly<Record<string, unknown>>): BreakersSearch {
  const { q } = search;
  const is = STATES.find((known) => known === search['is']);
  return {
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
    ...(is === undefined ? {} : { is }),
    ...(search['by'] === 'instance' ? { by: 'instance' } : {}),
  };
}

/** Every word must be found in the service, the breaker, its upstream or an instance. */
export function filterBreakers(rows: readonly Breaker[], { q = '', is }: BreakersSearch): readonly Breaker[] {
  const needles = q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter((row) => {
    const text = [row.service, row.name, row.upstream, ...row.instances.map(({ instance }) => instance)].join(
      ' ',
    );
    return (
      (is === undefined || row.state === is) && needles.every((word) => text.toLowerCase().includes(word))
    );
  });
}

/** "2 of 3 open", "3 closed", "1 closed, 1 silent". */
export function instancesInWords({ instances, state }: Breaker): string {
  const living = instances.filter(({ status }) => status === 'live');
  const gone = instances.length - living.length;
  const same = living.filter((one) => one.state === state).length;
  const of = same === living.length ? `${same}` : `${same} of ${living.length}`;
  const words = living.length === 0 ? [] : [`${of} ${WORD[state]}`];
  return [...words, ...(gone > 0 ? [`${gone} gone`] : [])].join(', ');
}

/** Instances that would take the action; of one when it is named. */
export function reached(breaker: Breaker, instance: string | null): readonly Instance[] {
  return breaker.instances.filter(
    (one) => one.status === 'live' && one.commands && (instance === null || one.instance === instance),
  );
}

/** What a command will do, in one sentence, before it is given. */
export function effectInWords(
  breaker: Breaker,
  action: Action,
  instance: string | null,
  forMs: number | null,
): string {
  const able = reached(breaker, instance).length;
  const living = breaker.instances.filter(({ status }) => status === 'live').length;
  const where = `on ${able} of ${living} ${living === 1 ? 'instance' : 'instances'} of ${breaker.service}`;
  const length = forMs === null ? '' : `, for ${formatDuration(forMs)}, then it ends by itself`;
  return `${ACTION_WORD[action]} ${breaker.name} ${where}${length}. It ${ACTION_MEANS[action]}.`;
}

/** "order / user-client on host:1", "every breaker before user". */
export function scopeInWords({ service, breaker, instance, upstream }: Given): string {
  const what = breaker ?? (upstream === null ? 'every breaker' : `every breaker before ${upstream}`);
  return `${what}${service === null ? '' : ` of ${service}`}${instance === null ? '' : ` on ${instance}`}`;
}
