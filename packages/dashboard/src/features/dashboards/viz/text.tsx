import { optionText, type Panel } from '../model.ts';
import { fillText, type Values } from '../vars/interpolate.ts';
import { type Inline, readMarkdown } from './markdown.ts';
import styles from './viz.module.css';

function Words({ inline }: { readonly inline: readonly Inline[] }) {
  return inline.map((part, index) => {
    switch (part.kind) {
      case 'code':
        return <code key={index}>{part.text}</code>;
      case 'strong':
        return <strong key={index}>{part.text}</strong>;
      case 'em':
        return <em key={index}>{part.text}</em>;
      case 'link':
        return (
          <a key={index} href={part.href} rel="noreferrer">
            {part.text}
          </a>
        );
      case 'text':
        return part.text;
    }
  });
}

export function TextView({ panel, values }: { readonly panel: Panel; readonly values: Values }) {
  const content = fillText(optionText(panel, 'content'), values);
  if (panel.options['mode'] === 'plain')
    return <div className={`${styles['markdown']} ${styles['plain']}`}>{content}</div>;
  return (
    <div className={styles['markdown']} tabIndex={0} role="region" aria-label={panel.title || 'Text'}>
      {readMarkdown(content).map((block, index) => {
        switch (block.kind) {
          case 'heading':
            return (
              <p key={index} style={{ fontWeight: 600, fontSize: 19 - block.level * 2 }}>
                <Words inline={block.inline} />
              </p>
            );
          case 'paragraph':
            return (
              <p key={index}>
                <Words inline={block.inline} />
              </p>
            );
          case 'list': {
            const List = block.ordered ? 'ol' : 'ul';
            return (
              <List key={index}>
                {block.items.map((item, place) => (
                  <li key={place}>
                    <Words inline={item} />
                  </li>
                ))}
              </List>
            );
          }
          case 'code':
            return <pre key={index}>{block.text}</pre>;
        }
      })}
    </div>
  );
}

export function UnsupportedView({ panel }: { readonly panel: Panel }) {
  return (
    <div className={styles['unsupported']}>
      Panels of the kind “{optionText(panel, 'kind')}” cannot be shown. It is kept as it came, and an export
      for Grafana returns it.
    </div>
  );
}
