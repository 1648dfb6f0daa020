import { Section } from '../../../ui/states.tsx';
import { LabelChips } from '../label-chips.tsx';
import type { Preview } from './contracts.ts';
import styles from './editor.module.css';

/** How the alerts of a rule would read now, and whom they lead to. */
export function ToldNow({ preview }: { readonly preview: Preview }) {
  const { holding, alerts } = preview;
  const note =
    holding === 0
      ? alerts.length === 0
        ? 'no series answers now'
        : 'holds for no series now; it would read like this'
      : `holds now for ${holding.toLocaleString('en')} ${holding === 1 ? 'series' : 'series'}`;
  return (
    <Section title="How it reads" note={note}>
      <ul className={styles['plain']}>
        {alerts.map(({ labels, annotations, value, receivers }, index) => (
          <li key={index} className={styles['read']}>
            <LabelChips labels={labels} />
            {Object.entries(annotations).map(([name, text]) => (
              <p key={name}>
                <span className={styles['quiet']}>{name}</span> {text}
              </p>
            ))}
            <p className={styles['quiet']}>
              Its value is {value}; it goes to {receivers.join(', ')}.
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
