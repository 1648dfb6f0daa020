import { formatValue } from '../../ui/format.ts';
import { StatusBadge } from '../../ui/status.tsx';
import type { TestAnswer } from './contracts.ts';
import styles from './probes.module.css';

const PHASE_WORD: Readonly<Record<string, string>> = {
  resolve: 'DNS',
  connect: 'connect',
  tls: 'TLS',
  processing: 'first byte',
  transfer: 'transfer',
  request: 'answer',
  setup: 'setup',
  rtt: 'round trip',
};

export function phaseInWords(phase: string): string {
  return PHASE_WORD[phase] ?? phase;
}

/** What a look just saw. */
export function TestResult({ answer }: { readonly answer: TestAnswer }) {
  const phases = answer.samples.filter(({ labels }) => labels['phase'] !== undefined);
  return (
    <div className={styles['result']} role="status">
      <span className={styles['resultTop']}>
        <StatusBadge
          status={answer.success ? (answer.warning === null ? 'healthy' : 'degraded') : 'unhealthy'}
        />
        <span className="num">{formatValue(answer.duration / 1000, 'seconds')}</span>
      </span>
      {(answer.reason !== '' || answer.warning !== null) && <p>{answer.reason || answer.warning}</p>}
      {phases.length > 0 && (
        <dl className={styles['phases']}>
          {phases.map(({ labels, value }) => (
            <div key={labels['phase']}>
              <dt>{phaseInWords(labels['phase'] ?? '')}</dt>
              <dd className="num">{formatValue(value, 'seconds')}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
