import { isAbsent, useFaults, useTraffic, useTruth } from '../../api/controller-queries.ts';
import page from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import styles from './controller.module.css';
import { FaultForm } from './fault-form.tsx';
import { ActiveFaults, TruthLog } from './fault-tables.tsx';
import { TrafficForm } from './traffic-form.tsx';
import { VerdictsForm } from './verdicts-form.tsx';

/** The demo shop's controls: its traffic, faults on purpose, and the record of what was truly wrong. */
export function ControllerPage() {
  const faults = useFaults();
  const traffic = useTraffic();
  const truth = useTruth();
  const head = (
    <div className={page['pageHead']}>
      <h1>Shop controller</h1>
      <p>Give the demo shop traffic, break it on purpose, and watch Pharos find out.</p>
    </div>
  );
  const absent = [faults, traffic].some((query) => query.data === undefined && isAbsent(query.error));
  if (absent) {
    return (
      <>
        {head}
        <EmptyState title="The demo shop is not running" command="npm start">
          Its controller does not answer. Pharos works without it; start the demo to get five services with
          traffic and faults at the press of a button.
        </EmptyState>
      </>
    );
  }
  const error = faults.data === undefined ? faults.error : null;
  if (error !== null) {
    return (
      <>
        {head}
        <ErrorState what="The controller" error={error} retry={() => void faults.refetch()} />
      </>
    );
  }
  return (
    <>
      {head}
      <div className={styles['two']}>
        {faults.data === undefined ? <Bone height={280} /> : <FaultForm kinds={faults.data.kinds} />}
        {traffic.data === undefined ? (
          <Bone height={280} />
        ) : (
          <div>
            <TrafficForm traffic={traffic.data} />
            <VerdictsForm />
          </div>
        )}
      </div>
      <div className={styles['two']} style={{ marginTop: 32 }}>
        {faults.data === undefined ? <Bone height={120} /> : <ActiveFaults faults={faults.data.faults} />}
        {truth.data === undefined ? (
          <Bone height={120} />
        ) : (
          <TruthLog entries={truth.data.entries} total={truth.data.total} />
        )}
      </div>
    </>
  );
}
