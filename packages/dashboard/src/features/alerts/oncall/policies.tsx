import { formatDuration } from '../../../ui/format.ts';
import { Section } from '../../../ui/states.tsx';
import styles from '../alerts.module.css';
import ofRoutes from '../routes.module.css';
import type { Policy, PolicyRule } from './contracts.ts';
import own from './oncall.module.css';
import { offsetsOf, targetText } from './words.ts';

const SECOND_MS = 1000;
const lasting = (seconds: number): string => formatDuration(seconds * SECOND_MS);

function whenText(seconds: number): string {
  return seconds === 0 ? 'at once' : `after ${lasting(seconds)}`;
}

/** One urgency of a policy: its levels as steps, each with when it is told. */
function Steps({ rule, repeat }: { readonly rule: PolicyRule; readonly repeat: number }) {
  const offsets = offsetsOf(rule);
  return (
    <li className={own['urgency']}>
      <p className={ofRoutes['nodeHead']}>
        <b>{rule.name}</b>
        <code>{rule.matchers.length === 0 ? 'every alert' : rule.matchers.join(', ')}</code>
        {rule.during !== null && <span className={styles['quiet']}>in {rule.during.join(', ')} only</span>}
      </p>
      <ol className={own['steps']}>
        {rule.levels.map(({ tell, times, every_seconds: every }, index) => (
          <li key={offsets[index]} className={own['step']}>
            <span className={own['stepWhen']}>{whenText(offsets[index] ?? 0)}</span>
            <span>{tell.map(targetText).join(', ')}</span>
            <span className={styles['quiet']}>
              {times === 1 ? 'once' : `${times} times, ${lasting(every)} apart`}
            </span>
          </li>
        ))}
        <li className={own['step']} data-end="true">
          <span className={own['stepWhen']}>{whenText(offsets.at(-1) ?? 0)}</span>
          <span>
            {repeat === 0
              ? 'nobody else is told'
              : `begins anew, ${repeat === 1 ? 'once' : `${repeat} times`}`}
          </span>
          <span className={styles['quiet']}>unless somebody acknowledges</span>
        </li>
      </ol>
    </li>
  );
}

/** Whom policies tell, drawn as steps in time. */
export function Policies({ policies }: { readonly policies: readonly Policy[] }) {
  return (
    <Section title="Escalation policies">
      {policies.map((policy) => (
        <section key={policy.name} className={own['policy']} aria-label={`Policy ${policy.name}`}>
          <h3>
            {policy.name}{' '}
            <span className={styles['quiet']}>
              {policy.receivers.length === 0
                ? 'no receiver leads to it'
                : `for ${policy.receivers.length === 1 ? 'receiver' : 'receivers'} ${policy.receivers.join(', ')}`}
              {policy.acknowledged_for_seconds !== null &&
                `; an acknowledgement holds for ${lasting(policy.acknowledged_for_seconds)}`}
            </span>
          </h3>
          <ol className={styles['plain']}>
            {policy.rules.map((rule) => (
              <Steps key={rule.name} rule={rule} repeat={policy.repeat} />
            ))}
          </ol>
        </section>
      ))}
    </Section>
  );
}
